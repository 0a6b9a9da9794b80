package io.nvmf.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.nvmf.security.key.KeyProvider;
import io.nvmf.security.key.KeyProviders;
import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.spec.auth.DhGroup;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SecurityTest {
    private static final KeyProvider HOST = KeyProviders.environment("HOST_SECRET");
    private static final KeyProvider CONTROLLER = KeyProviders.environment("CONTROLLER_SECRET");
    private static final KeyProvider KEY = KeyProviders.environment("TLS_KEY");
    private static final DhChapAlgorithms NO_EXCHANGE =
            DhChapAlgorithms.defaults().withGroups(DhGroup.NULL);
    private static final DhChapAlgorithms LONGEST_HASH =
            DhChapAlgorithms.defaults().withHashes(DhChapHash.SHA_512);

    private static Arguments contradiction(String message, Security security) {
        return Arguments.of(message, security);
    }

    static Stream<Arguments> contradictions() {
        Security none = Security.none();
        return Stream.of(
                contradiction("controllerSecret without hostSecret", none.controllerSecret(CONTROLLER)),
                contradiction("concatenation without hostSecret", none.concatenation()),
                contradiction(
                        "concatenation together with tls",
                        none.hostSecret(HOST).concatenation().tls(KEY)),
                contradiction("labelForm without tls", none.labelForm(HkdfLabelForm.LIBNVME_1_14)),
                contradiction(
                        "labelForm without tls",
                        none.hostSecret(HOST).concatenation().labelForm(HkdfLabelForm.LIBNVME_1_14)),
                contradiction("algorithms without hostSecret", none.tls(KEY).algorithms(NO_EXCHANGE)),
                contradiction(
                        "concatenation with the NULL group alone",
                        none.hostSecret(HOST).concatenation().algorithms(NO_EXCHANGE)),
                contradiction(
                        "concatenation with SHA-512 alone",
                        none.hostSecret(HOST).concatenation().algorithms(LONGEST_HASH)));
    }

    @ParameterizedTest
    @MethodSource("contradictions")
    void settingsThatContradictEachOtherAreRefusedByName(String message, Security security) {
        assertThatIllegalArgumentException().isThrownBy(security::validate).withMessageStartingWith(message + ":");
    }

    static Stream<Security> agreements() {
        Security none = Security.none();
        return Stream.of(
                none,
                none.hostSecret(HOST),
                none.hostSecret(HOST).controllerSecret(CONTROLLER),
                none.hostSecret(HOST).algorithms(NO_EXCHANGE),
                none.hostSecret(HOST).algorithms(LONGEST_HASH),
                none.tls(KEY),
                none.tls(KEY).labelForm(HkdfLabelForm.LIBNVME_1_14),
                none.tls(KEY).hostSecret(HOST).controllerSecret(CONTROLLER),
                none.algorithms(DhChapAlgorithms.defaults()),
                none.hostSecret(HOST)
                        .controllerSecret(CONTROLLER)
                        .algorithms(DhChapAlgorithms.defaults()
                                .withGroups(DhGroup.NULL, DhGroup.FFDHE2048)
                                .withHashes(DhChapHash.SHA_512, DhChapHash.SHA_384))
                        .concatenation());
    }

    @ParameterizedTest
    @MethodSource("agreements")
    void settingsThatAgreeAreAccepted(Security security) {
        assertThat(security.validate()).isSameAs(security);
    }

    @Test
    void nothingIsSetAtFirst() {
        Security none = Security.none();
        assertThat(none.hostSecret()).isEmpty();
        assertThat(none.controllerSecret()).isEmpty();
        assertThat(none.tls()).isEmpty();
        assertThat(none.algorithms()).isEqualTo(DhChapAlgorithms.defaults());
        assertThat(none.labelForm()).isEqualTo(HkdfLabelForm.RFC_8446);
        assertThat(none.isConcatenated()).isFalse();
        assertThat(none).hasToString("Security[]");
    }

    @Test
    void eachSettingStaysWhenOthersAreSet() {
        Security all = Security.none()
                .concatenation()
                .labelForm(HkdfLabelForm.LIBNVME_1_14)
                .tls(KEY)
                .algorithms(NO_EXCHANGE)
                .controllerSecret(CONTROLLER)
                .hostSecret(HOST);
        List<UnaryOperator<Security>> setters = List.of(
                before -> before.hostSecret(HOST),
                before -> before.controllerSecret(CONTROLLER),
                before -> before.algorithms(NO_EXCHANGE),
                before -> before.tls(KEY),
                before -> before.labelForm(HkdfLabelForm.LIBNVME_1_14),
                Security::concatenation);
        for (UnaryOperator<Security> setter : setters) {
            Security again = setter.apply(all);
            assertThat(again.hostSecret()).contains(HOST);
            assertThat(again.controllerSecret()).contains(CONTROLLER);
            assertThat(again.algorithms()).isEqualTo(NO_EXCHANGE);
            assertThat(again.tls()).contains(KEY);
            assertThat(again.labelForm()).isEqualTo(HkdfLabelForm.LIBNVME_1_14);
            assertThat(again.isConcatenated()).isTrue();
            assertThat(setter.apply(Security.none())).isNotSameAs(Security.none());
            assertThat(Security.none()).hasToString("Security[]");
        }
    }

    @Test
    void theTextSaysWhereKeysComeFromAndNothingOfThem() {
        assertThat(Security.none()
                        .hostSecret(HOST)
                        .controllerSecret(CONTROLLER)
                        .algorithms(new DhChapAlgorithms(List.of(DhChapHash.SHA_384), List.of(DhGroup.FFDHE4096)))
                        .concatenation())
                .hasToString("Security[hostSecret=env:HOST_SECRET, hashes=[SHA_384], groups=[FFDHE4096], "
                        + "controllerSecret=env:CONTROLLER_SECRET, concatenation]");
        try (DhChapSecret secret = DhChapSecret.random(DhChapHash.SHA_256);
                ConfiguredPsk key = ConfiguredPsk.generate(PskHash.SHA_384)) {
            Security security = Security.none()
                    .hostSecret(secret)
                    .controllerSecret(KeyProviders.text(secret.format()))
                    .tls(key)
                    .labelForm(HkdfLabelForm.LIBNVME_1_14);
            assertThat(security.toString())
                    .doesNotContain(new String(secret.format(), 10, 20))
                    .doesNotContain(new String(key.toInterchangeFormat(), 16, 20))
                    .contains("labelForm=LIBNVME_1_14");
        }
    }

    @Test
    void nothingIsNoSetting() {
        Security none = Security.none();
        assertThatNullPointerException().isThrownBy(() -> none.hostSecret((KeyProvider) null));
        assertThatNullPointerException().isThrownBy(() -> none.controllerSecret((KeyProvider) null));
        assertThatNullPointerException().isThrownBy(() -> none.tls((KeyProvider) null));
        assertThatNullPointerException().isThrownBy(() -> none.algorithms(null));
        assertThatNullPointerException().isThrownBy(() -> none.labelForm(null));
    }
}
