package io.nvmf.samples.webflux;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The settings of the gateway, {@code gateway.*}.
 *
 * @param insecure whether everybody on this machine may ask without a password; the gateway then listens on the loopback
 *     address only. Default false
 * @param username of the one user. Default {@code gateway}
 * @param password of the one user; required unless {@code insecure} is set
 * @param readOnly whether uploads are refused. Default false
 * @param exclusive whether nobody but this gateway writes to the namespaces, so that it can give entity tags, and
 *     downloads can be resumed safely. Default false
 * @param demo whether the gateway brings a controller of its own, which can be cut off by request. Default false
 * @param maxDownloads downloads at a time, 1..10,000. Default 200
 * @param maxUploads uploads at a time, 1..1,000. Default 16
 * @param maxListeners clients that listen to events at a time, 1..10,000. Default 64
 * @param maxUploadSize largest upload. Default 1 TB
 * @param downloadBuffer how much of the namespace is held in memory for each download, 128 KB..1 GB. Default 512 KB
 * @param idleTimeout how long a connection may stand still in the middle of a request or an answer before it is closed,
 *     1 s..1 h. Default 30 s
 * @param recoveryLimit how long requests are accepted while there is no association; later ones are refused. 0..1 h.
 *     Default 5 s
 */
@ConfigurationProperties("gateway")
public record GatewayProperties(
        @DefaultValue("false") boolean insecure,
        @DefaultValue("gateway") String username,
        @Nullable String password,
        @DefaultValue("false") boolean readOnly,
        @DefaultValue("false") boolean exclusive,
        @DefaultValue("false") boolean demo,
        @DefaultValue("200") int maxDownloads,
        @DefaultValue("16") int maxUploads,
        @DefaultValue("64") int maxListeners,
        @DefaultValue("1TB") DataSize maxUploadSize,
        @DefaultValue("512KB") DataSize downloadBuffer,
        @DefaultValue("30s") Duration idleTimeout,
        @DefaultValue("5s") Duration recoveryLimit) {

    private static final Duration HOUR = Duration.ofHours(1);

    /**
     * Checks the limits; a message names the property, its value and the limits.
     *
     * @param insecure whether there is no password
     * @param username of the user
     * @param password of the user
     * @param readOnly whether uploads are refused
     * @param exclusive whether nobody else writes
     * @param demo whether there is a controller in this process
     * @param maxDownloads limit
     * @param maxUploads limit
     * @param maxListeners limit
     * @param maxUploadSize limit
     * @param downloadBuffer memory of a download
     * @param idleTimeout limit
     * @param recoveryLimit limit
     */
    public GatewayProperties {
        requireRange("max-downloads", maxDownloads, 1, 10_000);
        requireRange("max-uploads", maxUploads, 1, 1_000);
        requireRange("max-listeners", maxListeners, 1, 10_000);
        requireRange("max-upload-size", maxUploadSize, DataSize.ofBytes(1), DataSize.ofBytes(Long.MAX_VALUE));
        requireRange("download-buffer", downloadBuffer, DataSize.ofKilobytes(128), DataSize.ofGigabytes(1));
        requireRange("idle-timeout", idleTimeout, Duration.ofSeconds(1), HOUR);
        requireRange("recovery-limit", recoveryLimit, Duration.ZERO, HOUR);
        if (!insecure && (password == null || password.isBlank())) {
            throw new IllegalArgumentException("gateway.password is not set, and without one nobody can be admitted;"
                    + " gateway.insecure=true admits everybody on this machine");
        }
    }

    private static <T extends Comparable<T>> void requireRange(String name, T value, T least, T most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException("gateway." + name + ' ' + value + " is outside " + least + ".." + most);
        }
    }

    /** All settings but the password. */
    @Override
    public String toString() {
        return "GatewayProperties[insecure=" + insecure + ", username=" + username + ", readOnly=" + readOnly
                + ", exclusive=" + exclusive + ", demo=" + demo + ", maxDownloads=" + maxDownloads + ", maxUploads="
                + maxUploads + ", maxListeners=" + maxListeners + ", maxUploadSize=" + maxUploadSize
                + ", downloadBuffer=" + downloadBuffer + ", idleTimeout=" + idleTimeout + ", recoveryLimit="
                + recoveryLimit + ']';
    }
}
