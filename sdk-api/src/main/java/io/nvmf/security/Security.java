package io.nvmf.security;

import io.nvmf.security.key.KeyProvider;
import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.spec.auth.DhGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What protects the connections of a client or a target. Immutable: each method returns a changed copy. The same profile
 * serves both sides:
 *
 * <table>
 * <caption>What is set, and what it means</caption>
 * <tr><th>set</th><th>client</th><th>target</th></tr>
 * <tr><td>{@link #hostSecret}</td><td>proves itself on every queue, and does without no controller that cannot
 * check it</td><td>admits only hosts that prove themselves</td></tr>
 * <tr><td>{@link #controllerSecret}</td><td>has the controller prove itself, too</td><td>can prove itself to hosts that
 * ask</td></tr>
 * <tr><td>{@link #tls}</td><td>connects over TLS only</td><td>accepts TLS only</td></tr>
 * <tr><td>{@link #concatenation}</td><td>authenticates, and connects again over TLS with the key that came of
 * it</td><td>serves hosts over such a TLS connection only</td></tr>
 * </table>
 *
 * <p>What is set is insisted on: where it cannot be had, connecting fails. Nothing falls back to less.
 */
public final class Security {

    private static final Security NONE =
            new Security(null, null, DhChapAlgorithms.defaults(), null, HkdfLabelForm.RFC_8446, false);

    private final @Nullable KeyProvider hostSecret;
    private final @Nullable KeyProvider controllerSecret;
    private final DhChapAlgorithms algorithms;
    private final @Nullable KeyProvider tlsKey;
    private final HkdfLabelForm labelForm;
    private final boolean concatenation;

    private Security(
            @Nullable KeyProvider hostSecret,
            @Nullable KeyProvider controllerSecret,
            DhChapAlgorithms algorithms,
            @Nullable KeyProvider tlsKey,
            HkdfLabelForm labelForm,
            boolean concatenation) {
        this.hostSecret = hostSecret;
        this.controllerSecret = controllerSecret;
        this.algorithms = algorithms;
        this.tlsKey = tlsKey;
        this.labelForm = labelForm;
        this.concatenation = concatenation;
    }

    /**
     * No protection: names are believed, and whoever is on the way reads and changes everything.
     *
     * @return what clients and targets have when nothing is set
     */
    public static Security none() {
        return NONE;
    }

    /**
     * Sets where the secret of the host comes from, with which it proves itself (DH-HMAC-CHAP).
     *
     * @param provider asked at the beginning of each authentication
     * @return a changed copy
     */
    public Security hostSecret(KeyProvider provider) {
        Objects.requireNonNull(provider, "provider");
        return new Security(provider, controllerSecret, algorithms, tlsKey, labelForm, concatenation);
    }

    /**
     * Sets the secret of the host. It stays the caller's, and is of use until it is closed.
     *
     * @param secret with which the host proves itself
     * @return a changed copy
     */
    public Security hostSecret(DhChapSecret secret) {
        return hostSecret(FixedKey.of(secret));
    }

    /**
     * Sets where the secret of the controller comes from, with which it proves itself to the host.
     *
     * @param provider asked at the beginning of each authentication
     * @return a changed copy
     */
    public Security controllerSecret(KeyProvider provider) {
        Objects.requireNonNull(provider, "provider");
        return new Security(hostSecret, provider, algorithms, tlsKey, labelForm, concatenation);
    }

    /**
     * Sets the secret of the controller. It stays the caller's, and is of use until it is closed.
     *
     * @param secret with which the controller proves itself
     * @return a changed copy
     */
    public Security controllerSecret(DhChapSecret secret) {
        return controllerSecret(FixedKey.of(secret));
    }

    /**
     * Sets which hash functions and groups are allowed in authentications; {@link DhChapAlgorithms#defaults()} when not
     * set.
     *
     * @param allowed best first
     * @return a changed copy
     */
    public Security algorithms(DhChapAlgorithms allowed) {
        Objects.requireNonNull(allowed, "allowed");
        return new Security(hostSecret, controllerSecret, allowed, tlsKey, labelForm, concatenation);
    }

    /**
     * Sets where the configured pre-shared key comes from, and that all connections are TLS 1.3 with keys derived from
     * it.
     *
     * @param provider asked at the beginning of each connection
     * @return a changed copy
     */
    public Security tls(KeyProvider provider) {
        Objects.requireNonNull(provider, "provider");
        return new Security(hostSecret, controllerSecret, algorithms, provider, labelForm, concatenation);
    }

    /**
     * Sets the configured pre-shared key. It stays the caller's, and is of use until it is closed.
     *
     * @param key from which the keys of TLS are derived
     * @return a changed copy
     */
    public Security tls(ConfiguredPsk key) {
        return tls(FixedKey.of(key));
    }

    /**
     * Sets how labels are written where keys of TLS are derived from the configured one; {@link HkdfLabelForm#RFC_8446}
     * when not set.
     *
     * @param form the other one only for peers whose tools are that old
     * @return a changed copy
     */
    public Security labelForm(HkdfLabelForm form) {
        Objects.requireNonNull(form, "form");
        return new Security(hostSecret, controllerSecret, algorithms, tlsKey, form, concatenation);
    }

    /**
     * Sets that a secure channel follows from the authentication: TLS with a key that the authentication makes (secure
     * channel concatenation).
     *
     * @return a changed copy
     */
    public Security concatenation() {
        return new Security(hostSecret, controllerSecret, algorithms, tlsKey, labelForm, true);
    }

    /**
     * Checks that the settings do not contradict each other. Clients and targets do so when they are put to use.
     *
     * @return this
     * @throws IllegalArgumentException if they do; the message says which ones and why
     */
    public Security validate() {
        require(
                controllerSecret == null || hostSecret != null,
                "controllerSecret without hostSecret: a controller proves itself only to a host that does");
        require(
                !concatenation || hostSecret != null,
                "concatenation without hostSecret: its key comes from an authentication");
        require(
                !concatenation || tlsKey == null,
                "concatenation together with tls: a connection has its key from one or the other");
        require(
                labelForm == HkdfLabelForm.RFC_8446 || tlsKey != null,
                "labelForm without tls: nothing is derived from a configured key");
        require(
                hostSecret != null || algorithms.equals(DhChapAlgorithms.defaults()),
                "algorithms without hostSecret: nobody authenticates");
        require(
                !concatenation || algorithms.groups().stream().anyMatch(group -> group != DhGroup.NULL),
                "concatenation with the NULL group alone: there is no exchange to make a key of");
        require(
                !concatenation || algorithms.hashes().stream().anyMatch(hash -> hash != DhChapHash.SHA_512),
                "concatenation with SHA-512 alone: TLS has no cipher suite for it");
        return this;
    }

    private static void require(boolean agrees, String contradiction) {
        if (!agrees) {
            throw new IllegalArgumentException(contradiction);
        }
    }

    /** {@return where the secret of the host comes from, empty if nobody authenticates} */
    public Optional<KeyProvider> hostSecret() {
        return Optional.ofNullable(hostSecret);
    }

    /** {@return where the secret of the controller comes from, empty if it does not prove itself} */
    public Optional<KeyProvider> controllerSecret() {
        return Optional.ofNullable(controllerSecret);
    }

    /** {@return which hash functions and groups are allowed, best first} */
    public DhChapAlgorithms algorithms() {
        return algorithms;
    }

    /** {@return where the configured pre-shared key comes from, empty if there is none} */
    public Optional<KeyProvider> tls() {
        return Optional.ofNullable(tlsKey);
    }

    /** {@return how labels are written} */
    public HkdfLabelForm labelForm() {
        return labelForm;
    }

    /** {@return whether a secure channel follows from the authentication} */
    public boolean isConcatenated() {
        return concatenation;
    }

    /** {@return whether connections are over TLS, with a configured key or with one that an authentication makes} */
    public boolean usesTls() {
        return tlsKey != null || concatenation;
    }

    /** What is set and where keys come from, and nothing of them. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        if (hostSecret != null) {
            parts.add("hostSecret=" + hostSecret);
            parts.add("hashes=" + algorithms.hashes());
            parts.add("groups=" + algorithms.groups());
        }
        if (controllerSecret != null) {
            parts.add("controllerSecret=" + controllerSecret);
        }
        if (tlsKey != null) {
            parts.add("tls=" + tlsKey);
        }
        if (labelForm != HkdfLabelForm.RFC_8446) {
            parts.add("labelForm=" + labelForm);
        }
        if (concatenation) {
            parts.add("concatenation");
        }
        return "Security[" + String.join(", ", parts) + ']';
    }
}
