package io.millrace.broker.handler.produce;

import io.millrace.broker.handler.log.LimitedWait;
import io.millrace.broker.handler.log.LogErrors;
import io.millrace.broker.loop.CommitWaiter.Commit;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.wire.Request;
import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.PartitionLog.Refusal;
import io.millrace.storage.StorageException;
import io.millrace.storage.producer.Verification;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.message.ProduceResponseData.BatchIndexAndErrorMessage;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One produce request under way. Filled on the connection's loop; each loop that owns some of its
 * partitions then works through its {@link Share}, and the last to finish answers.
 */
final class ProduceOperation {
    private static final Logger LOG = LoggerFactory.getLogger(ProduceOperation.class);

    private static final short ALL = -1;

    private final Request request;
    private final ProduceResponse response;
    private final short acks;
    private final int timeoutMs;
    private final @Nullable TransactionGate gate;
    private final Map<OwnerLoop, Share> shares = new LinkedHashMap<>(4);
    private final AtomicInteger unfinished = new AtomicInteger();

    /**
     * @param gate lets batches of transactions in; null if the request names no transaction
     */
    ProduceOperation(Request request, ProduceResponse response, @Nullable TransactionGate gate) {
        this.request = request;
        this.response = response;
        ProduceRequest body = request.body(ProduceRequest.class);
        this.acks = body.acks();
        this.timeoutMs = Math.max(0, body.timeout());
        this.gate = gate;
    }

    private record Entry(Partition partition, ByteBuffer records, PartitionProduceResponse slot) {}

    /** Adds records for a partition, whose outcome will be written into {@code slot}. */
    void add(Partition partition, ByteBuffer records, PartitionProduceResponse slot) {
        shares.computeIfAbsent(partition.loop(), loop -> new Share())
                .entries
                .add(new Entry(partition, records, slot));
    }

    void start() {
        if (shares.isEmpty()) {
            answer();
            return;
        }
        unfinished.set(shares.size());
        shares.forEach((loop, share) -> {
            request.retainFrame();
            loop.run(share::append);
        });
    }

    private void answer() {
        if (acks != 0) {
            request.answer(response);
        } else if (firstError() == Errors.NONE) {
            request.answerNothing();
        } else {
            // Kafka's way to tell a producer that asked for no answers that something is wrong.
            request.closeConnection("a produce with acks=0 failed: " + firstError());
        }
    }

    private Errors firstError() {
        return response.data().responses().stream()
                .flatMap(topic -> topic.partitionResponses().stream())
                .map(slot -> Errors.forCode(slot.errorCode()))
                .filter(error -> error != Errors.NONE)
                .findFirst()
                .orElse(Errors.NONE);
    }

    /** The partitions of one loop. Touched on that loop once started. */
    private final class Share {
        private final List<Entry> entries = new ArrayList<>(2);
        private int waiting;

        void append() {
            waiting = entries.size();
            try {
                entries.forEach(this::admit);
            } finally {
                request.releaseFrame();
            }
        }

        private void admit(Entry entry) {
            Errors unavailable = availability(entry.partition());
            if (unavailable != Errors.NONE) {
                finish(entry, unavailable);
            } else if (gate == null) {
                append(entry, null);
            } else {
                request.retainFrame();
                try {
                    gate.admit(
                            entry.partition(),
                            entry.records(),
                            (error, verification) -> admitted(entry, error, verification));
                } catch (StorageException e) {
                    request.releaseFrame();
                    finish(entry, LogErrors.of(e));
                }
            }
        }

        private Errors availability(Partition partition) {
            Errors error = LogErrors.availability(partition);
            return error == Errors.NONE && acks == ALL && partition.isUnderMinimum()
                    ? Errors.NOT_ENOUGH_REPLICAS
                    : error;
        }

        private void admitted(Entry entry, Errors refused, @Nullable Verification verification) {
            try {
                Errors unavailable = availability(entry.partition());
                Errors error = refused == Errors.NONE ? unavailable : refused;
                if (error == Errors.NONE) {
                    append(entry, verification);
                } else {
                    finish(entry, error);
                }
            } finally {
                request.releaseFrame();
            }
        }

        private void append(Entry entry, @Nullable Verification verification) {
            Partition partition = entry.partition();
            AppendResult result;
            try {
                result = partition.append(entry.records(), Origin.CLIENT, verification);
            } catch (StorageException e) {
                LOG.error("Could not append to {}: {}", partition.id(), e.getMessage());
                finish(entry, LogErrors.of(e));
                return;
            } catch (RuntimeException e) {
                LOG.error("Appending to {} failed here: please report it", partition.id(), e);
                finish(entry, Errors.UNKNOWN_SERVER_ERROR);
                return;
            }
            switch (result) {
                case AppendResult.Appended done -> {
                    entry.slot.setBaseOffset(done.firstOffset());
                    entry.slot.setLogAppendTimeMs(done.logAppendTimeMs());
                    whenCommitted(entry, done.lastOffset());
                }
                case AppendResult.Duplicate earlier -> {
                    entry.slot.setBaseOffset(earlier.firstOffset());
                    entry.slot.setLogAppendTimeMs(-1);
                    whenCommitted(entry, earlier.lastOffset());
                }
                case AppendResult.Refused refused -> refuse(entry, refused);
            }
        }

        private void whenCommitted(Entry entry, long lastOffset) {
            entry.slot.setLogStartOffset(entry.partition().log().logStartOffset());
            if (acks == 0) {
                finish(entry, Errors.NONE);
            } else if (acks == ALL) {
                waitForReplicas(entry, lastOffset + 1);
            } else {
                entry.partition().whenFlushed(lastOffset + 1, outcome -> ended(entry, outcome));
            }
        }

        /** As long as the producer says; it is not known then what will become of the records. */
        private void waitForReplicas(Entry entry, long offset) {
            Partition partition = entry.partition();
            if (partition.terms().replicas().size() == 1) {
                partition.whenCommitted(offset, outcome -> ended(entry, outcome));
                return;
            }
            new LimitedWait(partition, error -> finish(entry, error))
                    .untilCommitted(offset, timeoutMs);
        }

        private void ended(Entry entry, Commit outcome) {
            finish(entry, LogErrors.of(outcome));
        }

        private void refuse(Entry entry, AppendResult.Refused refused) {
            entry.slot.setErrorMessage(refused.message());
            refused.recordErrors()
                    .forEach(error ->
                            entry.slot
                                    .recordErrors()
                                    .add(
                                            new BatchIndexAndErrorMessage()
                                                    .setBatchIndex(error.index())
                                                    .setBatchIndexErrorMessage(error.message())));
            boolean abortable =
                    refused.reason() == Refusal.NOT_IN_TRANSACTION
                            && gate != null
                            && gate.knowsAbortable();
            finish(
                    entry,
                    abortable ? Errors.TRANSACTION_ABORTABLE : LogErrors.of(refused.reason()));
        }

        private void finish(Entry entry, Errors error) {
            if (error != Errors.NONE) {
                ProduceHandler.fail(entry.slot, error);
            }
            waiting--;
            if (waiting == 0 && unfinished.decrementAndGet() == 0) {
                answer();
            }
        }
    }
}
