package io.nvmf.testing.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the guest's kernel says from a moment on: the judge's own opinion of its peer. */
public final class KernelLog {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final Pattern COMPLAINT = Pattern.compile(
            "error|fail|fatal|invalid|illegal|unexpected|mismatch|bad |timeout|timed out|expired|unable|cannot|warning|bug:|call trace|oops",
            Pattern.CASE_INSENSITIVE);

    /** Said once after boot, whoever the peer is: there is no daemon for ports that iWARP maps. */
    private static final String NO_PORT_MAPPER = "iwpm_register_pid: Unable to send a nlmsg";

    private final KernelLab lab;
    private final String mark;

    private KernelLog(KernelLab lab, String mark) {
        this.lab = lab;
        this.mark = mark;
    }

    /** Starts listening. */
    public static KernelLog from(KernelLab lab) {
        String mark = "nvmf-test-" + Long.toHexString(System.nanoTime());
        lab.succeed("echo " + mark + " >/dev/kmsg", LIMIT);
        return new KernelLog(lab, mark);
    }

    /** Everything said since. */
    public List<String> lines() {
        return lab.succeed("dmesg | sed '1,/" + mark + "/d'", LIMIT).lines().toList();
    }

    /** What sounds like trouble, without the lines that contain one of the given texts. */
    public List<String> complaints(String... expected) {
        return lines().stream()
                .filter(line -> !line.contains(NO_PORT_MAPPER))
                .filter(line -> COMPLAINT.matcher(line).find())
                .filter(line -> Stream.of(expected).noneMatch(line::contains))
                .toList();
    }

    /** Fails if there was trouble, other than the lines that contain one of the given texts. */
    public void assertNoComplaint(String... expected) {
        assertThat(complaints(expected)).as("complaints of the kernel").isEmpty();
    }
}
