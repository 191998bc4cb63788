package io.millrace.storage;

/** When an append counts as stored. */
public enum Durability {
    /** After fdatasync: it survives a power failure. */
    FSYNC,
    /** When the operating system has it, as Kafka's default is: it survives the process only. */
    OS
}
