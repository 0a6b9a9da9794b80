package io.nvmf.tcp.tls;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a client offers, read from the record with RFC 8446 section 4.1.2 in hand. */
record ClientHello(List<Integer> cipherSuites, Map<Integer, byte[]> all) {

    static ClientHello parse(byte[] record) {
        ByteBuffer in = ByteBuffer.wrap(record);
        in.position(5 + 4 + 2 + 32);
        in.position(in.position() + 1 + (in.get(in.position()) & 0xFF));
        List<Integer> suites = new ArrayList<>();
        for (int left = in.getShort(); left > 0; left -= 2) {
            suites.add(in.getShort() & 0xFFFF);
        }
        in.position(in.position() + 1 + (in.get(in.position()) & 0xFF));
        Map<Integer, byte[]> extensions = new LinkedHashMap<>();
        int end = in.getShort() + in.position();
        while (in.position() < end) {
            int type = in.getShort() & 0xFFFF;
            byte[] content = new byte[in.getShort() & 0xFFFF];
            in.get(content);
            extensions.put(type, content);
        }
        return new ClientHello(suites, extensions);
    }

    Set<Integer> extensions() {
        return all.keySet();
    }

    byte[] extension(int type) {
        return all.getOrDefault(type, new byte[0]);
    }
}
