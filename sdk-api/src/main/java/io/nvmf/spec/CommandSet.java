package io.nvmf.spec;

/**
 * The command set that gives a command-specific status code its meaning; 80h..BFh mean different things in different
 * sets.
 */
public enum CommandSet {
    /** Any command. */
    GENERIC,
    /** Admin commands. */
    ADMIN,
    /** NVM command set. */
    NVM,
    /** Zoned namespaces, which use the NVM command set's opcodes as well. */
    ZNS,
    /** Key value command set. */
    KV,
    /** Fabrics commands, opcode 7Fh. */
    FABRICS
}
