package io.millrace.broker.transaction;

/** A producer as it names itself. Both are -1 where it has none. */
public record ProducerIdentity(long id, short epoch) {
    /** A producer that has no id yet. */
    public static final ProducerIdentity NONE = new ProducerIdentity(-1, (short) -1);

    boolean isNone() {
        return id < 0;
    }
}
