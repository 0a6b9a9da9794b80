package io.nvmf.testing.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.spec.TransportType;
import java.time.Duration;
import java.util.Locale;

/** The kernel's host in the guest, which connects to a controller that listens on this machine's loopback interface. */
public final class GuestHost {

    public static final Duration LIMIT = Duration.ofMinutes(2);

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
    /** As {@code nvme connect -t} has it. */
    private final String transport;

    private final int port;
    private final String subsystem;

    /**
     * Names a controller.
     *
     * @param lab where the host is
     * @param transport TCP or RDMA
     * @param port where the controller listens on this machine
     * @param subsystem NQN
     */
    public GuestHost(KernelLab lab, TransportType transport, int port, String subsystem) {
        this.lab = lab;
        this.transport = transport.name().toLowerCase(Locale.ROOT);
        this.port = port;
        this.subsystem = subsystem;
    }

    /** What {@code nvme discover} prints. */
    public String discover() {
        return lab.succeed("nvme discover -t " + transport + " -a " + lab.hostFromGuest() + " -s " + port, LIMIT);
    }

    /** Connects; fails the test if the guest cannot. */
    public void connect(String options) {
        lab.succeed(connectCommand(options), LIMIT);
    }

    /** Connects and disconnects so many times; fails the test if the guest cannot once. */
    public void cycle(String options, int times) {
        succeed("for i in $(seq " + times + "); do " + connectCommand(options) + " >/dev/null; nvme disconnect -n "
                + subsystem + " >/dev/null; done");
    }

    /** Connects although it is connected; nvme-cli does not do that, the kernel does. */
    public void connectAgain() {
        lab.succeed(
                "echo transport=" + transport + ",traddr=" + lab.hostFromGuest() + ",trsvcid=" + port + ",nqn="
                        + subsystem
                        + ",duplicate_connect,nr_io_queues=1,hostnqn=$(cat /etc/nvme/hostnqn),hostid=$(cat /etc/nvme/hostid) "
                        + ">/dev/nvme-fabrics",
                LIMIT);
    }

    /** Tries to connect. */
    public KernelLab.Result tryConnect(String options) {
        return lab.guest(connectCommand(options), LIMIT);
    }

    /**
     * Tries to connect over TLS with two I/O queues, which nvme-cli cannot ask for. A host of this name knows its key by the
     * kernel's keyring.
     */
    public KernelLab.Result tryConnectOverTls(String hostNqn) {
        return lab.guest(
                "echo transport=" + transport + ",traddr=" + lab.hostFromGuest() + ",trsvcid=" + port + ",nqn="
                        + subsystem + ",nr_io_queues=2,reconnect_delay=1,hostnqn=" + hostNqn
                        + ",hostid=22222222-2222-4333-8444-555555555555,tls >/dev/nvme-fabrics",
                LIMIT);
    }

    private String connectCommand(String options) {
        return "nvme connect -t " + transport + " -a " + lab.hostFromGuest() + " -s " + port + " -n " + subsystem + " "
                + options;
    }

    /** Disconnects, connected or not. */
    public void disconnect() {
        lab.succeed("nvme disconnect -n " + subsystem, LIMIT);
    }

    /** Disconnects over this transport only. */
    public void disconnectPath() {
        lab.succeed("nvme disconnect -d " + controller(), LIMIT);
    }

    /** The block device of a namespace. */
    public String disk(int nsid) {
        return lab.succeed(DISK + "disk " + subsystem + " " + nsid, LIMIT).strip();
    }

    /** The character device of the controller, such as {@code /dev/nvme0}. */
    public String controller() {
        return lab.succeed(
                        "for c in /sys/class/nvme/nvme*; do [ \"$(cat $c/subsysnqn $c/transport)\" != \"" + subsystem
                                + "\n" + transport + "\" ] || echo /dev/${c##*/}; done",
                        LIMIT)
                .strip();
    }

    /** Runs a script that ends with the first command that fails. */
    public String succeed(String script) {
        return lab.succeed("set -e\n" + script, LIMIT);
    }

    /** Runs a command that is to fail, and returns what it says. */
    public String status(String command) {
        KernelLab.Result result = lab.guest(command, LIMIT);
        assertThat(result.status())
                .as("status of %s: %s", command, result.output())
                .isNotZero();
        return result.output();
    }
}
