package io.nvmf.spring.properties;

import io.nvmf.security.HkdfLabelForm;
import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.spec.auth.DhGroup;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What protects the connections of all clients and of the embedded controller. Secrets and keys are given by the place
 * where they are, never themselves: "file:" with a path, "directory:" with the path of one that has a file for each host,
 * "env:" with the name of a variable, "keystore:" with a path, "#" and an alias, "bean:" with the name of a KeyProvider.
 *
 * @param hostSecret Where the secret of the host is, such as file:/etc/nvmf/host.secret. Connections are authenticated if set.
 * @param controllerSecret Where the secret of the controller is. The controller has to prove itself, too, if set.
 * @param hashes Hash functions that are allowed in authentications, best first. All unless set.
 * @param groups Diffie-Hellman groups that are allowed in authentications, best first. All unless set.
 * @param tlsKey Where the configured pre-shared key is. Connections are TLS with keys derived from it if set.
 * @param labelForm How labels are written where keys of TLS are derived. The other form is for peers with libnvme up to 1.14.
 * @param concatenation Whether connections are TLS with a key that comes of the authentication.
 * @param keyStorePassword Where the password of key stores is, in a file, a variable or a bean.
 */
public record SecurityProperties(
        @Nullable String hostSecret,
        @Nullable String controllerSecret,
        @DefaultValue List<DhChapHash> hashes,
        @DefaultValue List<DhGroup> groups,
        @Nullable String tlsKey,
        @Nullable HkdfLabelForm labelForm,
        @DefaultValue("false") boolean concatenation,
        @Nullable String keyStorePassword) {}
