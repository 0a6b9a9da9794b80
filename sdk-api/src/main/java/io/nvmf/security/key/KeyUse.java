package io.nvmf.security.key;

/** What a key is for, which is also the form that its text has. */
public enum KeyUse {
    /** A host proves itself with it: {@code DHHC-1:…}. */
    HOST_SECRET,
    /** A controller proves itself with it: {@code DHHC-1:…}. */
    CONTROLLER_SECRET,
    /** TLS derives its keys from it: {@code NVMeTLSkey-1:…}. */
    TLS_PSK
}
