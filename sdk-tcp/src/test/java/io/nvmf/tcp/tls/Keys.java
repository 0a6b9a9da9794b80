package io.nvmf.tcp.tls;

import io.nvmf.security.TlsPsk;
import java.util.Arrays;
import java.util.List;

/** Keys for tests. */
final class Keys {

    static final String NAMES = " nqn.2014-08.org.nvmexpress:uuid:h nqn.2016-06.io.spdk:cnode1";
    static final TlsPsk SHA_256 = psk("NVMe1R01" + NAMES + " digest", 1);
    static final TlsPsk SHA_384 = psk("NVMe1R02" + NAMES + " digest", 2);
    static final TlsPsk OLD_256 = psk("NVMe0R01" + NAMES, 3);
    static final TlsPsk OLD_384 = psk("NVMe0R02" + NAMES, 4);
    static final TlsPsk GENERATED_384 = psk("NVMe1G02" + NAMES + " digest", 5);

    private Keys() {}

    static TlsPsk psk(String identity, int fill) {
        byte[] key = new byte[identity.charAt(7) == '2' ? 48 : 32];
        Arrays.fill(key, (byte) fill);
        return TlsPsk.of(identity, key);
    }

    static TlsPskFinder finder(TlsPsk... known) {
        List<TlsPsk> all = List.of(known);
        return identity -> all.stream()
                .filter(psk -> psk.identity().equals(identity))
                .findFirst()
                .orElse(null);
    }
}
