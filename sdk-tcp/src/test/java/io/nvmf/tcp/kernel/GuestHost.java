package io.nvmf.tcp.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

/** The kernel's host in the guest, which connects to a controller that listens on this machine's loopback interface. */
final class GuestHost {

    static final Duration LIMIT = Duration.ofMinutes(2);

    /** Shell function: the block device of a namespace. It appears some time after connect, and is not numbered by namespace. */
    private static final String DISK = """
            disk() {
              for try in $(seq 200); do
                for b in /sys/block/nvme*n*; do
                  case $b in *c[0-9]*n*) continue ;; esac
                  [ "$(cat $b/device/subsysnqn 2>/dev/null)" = $1 ] || continue
                  [ "$(cat $b/nsid 2>/dev/null)" != $2 ] || [ ! -b /dev/${b##*/} ] || { echo /dev/${b##*/}; return; }
                done
                usleep 100000
              done
              echo "no namespace $2 of $1" >&2
              return 1
            }
            """;

    private final KernelLab lab;
    private final int port;
    private final String subsystem;

    GuestHost(KernelLab lab, int port, String subsystem) {
        this.lab = lab;
        this.port = port;
        this.subsystem = subsystem;
    }

    /** What {@code nvme discover} prints. */
    String discover() {
        return lab.succeed("nvme discover -t tcp -a " + lab.hostFromGuest() + " -s " + port, LIMIT);
    }

    /** Connects; fails the test if the guest cannot. */
    void connect(String options) {
        lab.succeed(connectCommand(options), LIMIT);
    }

    /** Connects although it is connected; nvme-cli does not do that, the kernel does. */
    void connectAgain() {
        lab.succeed(
                "echo transport=tcp,traddr=" + lab.hostFromGuest() + ",trsvcid=" + port + ",nqn=" + subsystem
                        + ",duplicate_connect,nr_io_queues=1,hostnqn=$(cat /etc/nvme/hostnqn),hostid=$(cat /etc/nvme/hostid) "
                        + ">/dev/nvme-fabrics",
                LIMIT);
    }

    /** Tries to connect. */
    KernelLab.Result tryConnect(String options) {
        return lab.guest(connectCommand(options), LIMIT);
    }

    private String connectCommand(String options) {
        return "nvme connect -t tcp -a " + lab.hostFromGuest() + " -s " + port + " -n " + subsystem + " " + options;
    }

    /** Disconnects, connected or not. */
    void disconnect() {
        lab.succeed("nvme disconnect -n " + subsystem, LIMIT);
    }

    /** The block device of a namespace. */
    String disk(int nsid) {
        return lab.succeed(DISK + "disk " + subsystem + " " + nsid, LIMIT).strip();
    }

    /** The character device of the controller, such as {@code /dev/nvme0}. */
    String controller() {
        return lab.succeed(
                        "for c in /sys/class/nvme/nvme*; do [ \"$(cat $c/subsysnqn)\" != " + subsystem
                                + " ] || echo /dev/${c##*/}; done",
                        LIMIT)
                .strip();
    }

    /** Runs a script that ends with the first command that fails. */
    String succeed(String script) {
        return lab.succeed("set -e\n" + script, LIMIT);
    }

    /** Runs a command that is to fail, and returns what it says. */
    String status(String command) {
        KernelLab.Result result = lab.guest(command, LIMIT);
        assertThat(result.status())
                .as("status of %s: %s", command, result.output())
                .isNotZero();
        return result.output();
    }
}
