package io.millrace.bench.io.plan;

/** Who writes or reads. */
public enum Subject {
    /** One call a block, through the page cache. */
    PLAIN("plain file"),
    /** One gathering call for the sixteen parts of a block. */
    GATHERING("gathering"),
    /** Copies to and from a mapping. */
    MAPPED("mmap"),
    /** One call a block, past the page cache. */
    DIRECT("O_DIRECT"),
    /** A record batch a block through {@link io.millrace.storage.PartitionLog}. */
    MILLRACE("PartitionLog"),
    /** A message a block. */
    CHRONICLE("Chronicle Queue");

    private final String label;

    Subject(String label) {
        this.label = label;
    }

    /** As it stands in the report. */
    public String label() {
        return label;
    }

    /** Whether it is a file with nothing on top: what the disk and the page cache can do. */
    public boolean isPlain() {
        return this != MILLRACE && this != CHRONICLE;
    }
}
