package io.nvmf.testing.kernel;

import io.nvmf.spec.TransportType;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.UUID;

/**
 * A subsystem of the kernel's target that a test makes, changes and removes. It is at a port of the lab that nobody else
 * needs meanwhile, together with {@link KernelLab#MAIN}.
 */
public final class GuestTarget {

    private static final Duration LIMIT = Duration.ofMinutes(1);

    /**
     * Shell functions; each can be called again, and leaves what is there as it is. A subsystem needs the name of its
     * directory as {@code $n}, its port as {@code $p}.
     */
    private static final String FUNCTIONS = """
            set -e
            cd /sys/kernel/config
            subsystem() {
              [ -d nvmet/subsystems/$n ] || mkdir nvmet/subsystems/$n
              echo 1 >nvmet/subsystems/$n/attr_allow_any_host
              printf LAB-test >nvmet/subsystems/$n/attr_serial
            }
            disk() { # NAME MIB NANOSECONDS
              [ ! -d nullb/$1 ] || return 0
              mkdir nullb/$1
              echo 1 >nullb/$1/memory_backed; echo $2 >nullb/$1/size; echo 4096 >nullb/$1/blocksize
              [ $3 = 0 ] || { echo 2 >nullb/$1/irqmode; echo $3 >nullb/$1/completion_nsec; }
              echo 1 >nullb/$1/power
            }
            namespace() { # NSID PATH UUID
              mkdir nvmet/subsystems/$n/namespaces/$1
              cd nvmet/subsystems/$n/namespaces/$1
              printf %s "$2" >device_path; printf %s "$3" >device_uuid; echo 1 >buffered_io; echo 1 >enable
              cd /sys/kernel/config
            }
            remove_namespace() { # NSID
              echo 0 >nvmet/subsystems/$n/namespaces/$1/enable
              rmdir nvmet/subsystems/$n/namespaces/$1
            }
            publish() { # SUBSYSTEM
              [ -e nvmet/ports/$p/subsystems/$1 ] || ln -s /sys/kernel/config/nvmet/subsystems/$1 nvmet/ports/$p/subsystems/$1
            }
            remove_subsystem() {
              [ -d nvmet/subsystems/$n ] || return 0
              rm -f nvmet/ports/$p/subsystems/$n
              for d in nvmet/subsystems/$n/namespaces/*; do
                [ ! -d $d ] || { echo 0 >$d/enable; rmdir $d; }
              done
              rmdir nvmet/subsystems/$n
            }
            """;

    private final KernelLab lab;
    private final TransportType transport;
    private final String nqn;

    /**
     * At {@link KernelLab#tcp2}, or at {@link KernelLab#rdmaKeyed}.
     *
     * @param lab where
     * @param transport TCP or RDMA
     * @param nqn name of the subsystem, which is not there yet
     */
    public GuestTarget(KernelLab lab, TransportType transport, String nqn) {
        this.lab = lab;
        this.transport = transport;
        this.nqn = nqn;
    }

    public TransportType transport() {
        return transport;
    }

    public InetSocketAddress address() {
        return isRdma() ? lab.rdmaKeyed() : lab.tcp2();
    }

    private boolean isRdma() {
        return transport == TransportType.RDMA;
    }

    public String nqn() {
        return nqn;
    }

    /** Makes the subsystem, without namespaces, and lets nobody in yet. */
    public void add() {
        run("subsystem");
    }

    /** Hosts are let in no more; those that are connected are thrown out. The port goes on with the other subsystem. */
    public void withdraw() {
        run("rm nvmet/ports/$p/subsystems/$n");
    }

    /** Lets hosts in. */
    public void publish() {
        run("publish $n");
    }

    /** Takes everything from the port, so that the kernel stops to listen there. */
    public void disablePort() {
        run("rm nvmet/ports/$p/subsystems/*");
    }

    /** The port listens again, with the subsystems of before. */
    public void enablePort() {
        run("publish " + KernelLab.MAIN + "; publish $n");
    }

    /** Removes the subsystem with its namespaces. Their disks stay. */
    public void remove() {
        run("remove_subsystem");
    }

    /** Puts everything back to what it was before the test, whatever the test has come to. */
    public void removeAll() {
        run("publish " + KernelLab.MAIN + "; remove_subsystem\n"
                + "for d in nullb/test-*; do [ ! -d $d ] || rmdir $d; done\nrm -f /tmp/test-*");
    }

    /**
     * Makes a disk in the guest's memory, with blocks of 4 KiB.
     *
     * @param name begins with {@code test-}
     * @param answer time that the disk needs for a command, zero for as little as it can
     * @return its path in the guest
     */
    public String disk(String name, int mib, Duration answer) {
        run("disk " + name + " " + mib + " " + answer.toNanos());
        return "/dev/" + name;
    }

    /** Adds a namespace. */
    public void addNamespace(int nsid, String path, UUID uuid) {
        run("namespace " + nsid + " " + path + " " + uuid);
    }

    /** Removes a namespace. Its disk stays. */
    public void removeNamespace(int nsid) {
        run("remove_namespace " + nsid);
    }

    /** Makes a namespace active or inactive. An inactive one is still in the subsystem, and its identity cannot be had. */
    public void enableNamespace(int nsid, boolean on) {
        run("echo " + (on ? 1 : 0) + " >nvmet/subsystems/$n/namespaces/" + nsid + "/enable");
    }

    /** Makes a file of zeroes that can be a disk, or gives it another size. */
    public String file(String name, int mib) {
        run("truncate -s " + mib + "M /tmp/" + name);
        return "/tmp/" + name;
    }

    /** Has the kernel look at the size of a namespace's disk. */
    public void revalidateSize(int nsid) {
        run("echo 1 >nvmet/subsystems/$n/namespaces/" + nsid + "/revalidate_size");
    }

    /** The SHA-256 of the first bytes of a disk or file. */
    public String sha256(String path, long length) {
        return lab.succeed("dd if=" + path + " bs=64k count=" + (length >> 16) + " 2>/dev/null | sha256sum", LIMIT)
                .substring(0, 64);
    }

    private void run(String script) {
        lab.succeed("n=" + nqn + " p=" + (isRdma() ? 5 : 2) + "\n" + FUNCTIONS + script, LIMIT);
    }
}
