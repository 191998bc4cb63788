package io.millrace.bench.lab.client;

/** What is counted. */
public enum Column {
    SENT("sent"),
    ACKNOWLEDGED("acknowledged"),
    DELIVERED("delivered"),
    /** Meant to be delivered, never was. */
    LOST("lost"),
    /** Delivered more than once. */
    DUPLICATED("duplicated"),
    /** First delivered after one that was sent later to the same partition. */
    REORDERED("reordered"),
    /** Delivered though the transaction was aborted. */
    ABORTED_SEEN("aborted-but-seen");

    private final String label;

    Column(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }
}
