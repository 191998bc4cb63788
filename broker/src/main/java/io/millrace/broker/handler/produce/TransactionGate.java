package io.millrace.broker.handler.produce;

import io.millrace.broker.handler.transaction.TransactionErrors;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.transaction.Participant;
import io.millrace.broker.transaction.ProducerIdentity;
import io.millrace.broker.transaction.TransactionReply;
import io.millrace.broker.transaction.TransactionRequest;
import io.millrace.broker.transaction.TransactionRequest.Add;
import io.millrace.broker.transaction.TransactionRequest.Verify;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.producer.Verification;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ProduceRequest;
import org.jspecify.annotations.Nullable;

/**
 * Lets the first batch of a transaction into a partition only once the coordinator has said that it
 * is part of it; newer clients have it made part of it so (KIP-890).
 *
 * @param version of the produce request
 */
record TransactionGate(
        BiConsumer<TransactionRequest, Consumer<TransactionReply>> coordinator,
        String transactionalId,
        short version) {
    private static final short ABORTABLE_SINCE = 11;

    /** Whether the client knows of TRANSACTION_ABORTABLE. */
    boolean knowsAbortable() {
        return version >= ABORTABLE_SINCE;
    }

    private boolean adds() {
        return version > ProduceRequest.LAST_STABLE_VERSION_BEFORE_TRANSACTION_V2;
    }

    /**
     * Asks for a batch, on its partition's loop, where the answer comes as well, now or later.
     * Answers to the batches of a producer come in the order in which it sent them.
     *
     * @param then told of an error, or of what the append has to name, if anything
     */
    void admit(
            Partition partition,
            ByteBuffer records,
            BiConsumer<Errors, @Nullable Verification> then) {
        if (records.remaining() < RecordBatchView.HEADER_BYTES
                || partition.isDeleted()
                || partition.isOffline()) {
            then.accept(Errors.NONE, null);
            return;
        }
        var view = new RecordBatchView().wrap(records, records.position());
        long producerId = view.producerId();
        if (partition.admissions().isUnderWay(producerId)) {
            partition.admissions().behind(producerId, () -> admit(partition, records, then));
            return;
        }
        OptionalLong number = partition.log().transactions().beginVerification(records);
        if (number.isEmpty()) {
            then.accept(Errors.NONE, null);
            return;
        }
        partition.admissions().begin(producerId);
        var producer = new ProducerIdentity(view.producerId(), view.producerEpoch());
        var participant = new Participant(partition.id().topic(), partition.id().index());
        TransactionRequest question =
                adds()
                        ? new Add(
                                transactionalId,
                                producer,
                                List.of(participant),
                                TransactionRequest.ANY_CONNECTION)
                        : new Verify(transactionalId, producer, participant);
        coordinator.accept(
                question,
                reply -> {
                    Errors error =
                            TransactionErrors.toWriter(
                                    reply.error(), Errors.NOT_ENOUGH_REPLICAS, knowsAbortable());
                    partition
                            .loop()
                            .run(() -> {
                                try {
                                    decide(partition, records, number.getAsLong(), error, then);
                                } finally {
                                    partition.admissions().end(producerId);
                                }
                            });
                });
    }

    private void decide(
            Partition partition,
            ByteBuffer records,
            long number,
            Errors error,
            BiConsumer<Errors, @Nullable Verification> then) {
        if (error == Errors.NONE) {
            then.accept(error, new Verification(number, adds()));
            return;
        }
        if (!partition.isDeleted()) {
            partition.log().transactions().verificationFailed(records, number);
        }
        then.accept(error, null);
    }
}
