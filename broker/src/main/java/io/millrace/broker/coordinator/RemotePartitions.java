package io.millrace.broker.coordinator;

import io.millrace.broker.loop.TransactionEnding;
import io.millrace.broker.transaction.Participant;
import io.millrace.storage.producer.TransactionEnd;
import java.util.function.Consumer;

/** Partitions that other brokers lead, as the metadata says now. Thread-safe; never blocks. */
public interface RemotePartitions {
    /** Whether another broker leads a partition. */
    boolean isRemote(Participant participant);

    /** Ends a transaction in a partition that another broker leads; the answer comes on a loop. */
    void end(Participant participant, TransactionEnd end, Consumer<TransactionEnding> then);
}
