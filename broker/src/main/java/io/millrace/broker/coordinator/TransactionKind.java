package io.millrace.broker.coordinator;

import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.TransactionEnding;
import io.millrace.broker.shard.Unavailable;
import io.millrace.broker.transaction.MarkerAnswer;
import io.millrace.broker.transaction.Participant;
import io.millrace.broker.transaction.TransactionError;
import io.millrace.broker.transaction.TransactionLimits;
import io.millrace.broker.transaction.TransactionReply;
import io.millrace.broker.transaction.TransactionRequest;
import io.millrace.broker.transaction.TransactionShard;
import io.millrace.broker.transaction.WriteMarkers;
import io.millrace.storage.producer.TransactionEnd;
import java.util.function.Consumer;

/**
 * Shards of transactions. Their one effect tells partitions, each on its own loop, and brings the
 * answers back. An answer to what an earlier leadership told is dropped: the later one tells again.
 */
record TransactionKind(
        PartitionDirectory directory,
        GroupCoordinator groups,
        RemotePartitions remote,
        TransactionLimits limits)
        implements ShardKind<
                TransactionShard<Consumer<TransactionReply>>,
                TransactionRequest,
                TransactionReply,
                WriteMarkers> {
    @Override
    public TransactionShard<Consumer<TransactionReply>> create() {
        return new TransactionShard<>(limits);
    }

    @Override
    public TransactionReply refusal(TransactionRequest request, Unavailable why) {
        return TransactionShard.refusal(request, error(why));
    }

    @Override
    public void perform(
            ShardRunner<
                            TransactionShard<Consumer<TransactionReply>>,
                            TransactionRequest,
                            TransactionReply,
                            WriteMarkers>
                    shard,
            WriteMarkers markers) {
        var end =
                new TransactionEnd(
                        markers.producer().id(),
                        markers.producer().epoch(),
                        shard.partition().leaderEpoch(),
                        markers.commit(),
                        markers.raisesEpoch());
        int reading = shard.reading();
        for (Participant participant : markers.participants()) {
            tell(
                    participant,
                    end,
                    outcome -> {
                        var answer =
                                new MarkerAnswer(
                                        markers.transactionalId(),
                                        markers.producer(),
                                        participant,
                                        outcome != TransactionEnding.UNAVAILABLE);
                        shard.loop()
                                .execute(() ->
                                        shard.applyTo(
                                                reading,
                                                (open, nowMs) -> open.answered(answer, nowMs)));
                    });
        }
    }

    private void tell(
            Participant participant, TransactionEnd end, Consumer<TransactionEnding> then) {
        if (remote.isRemote(participant)) {
            remote.end(participant, end, then);
        } else {
            end(participant, end, then);
        }
    }

    /** Ends a transaction in one place of this broker; the answer comes on its loop, or here. */
    void end(Participant participant, TransactionEnd end, Consumer<TransactionEnding> then) {
        if (groups.keeps(participant.topic())) {
            groups.end(participant.partition(), end, then);
            return;
        }
        Partition partition = directory.partition(participant.topic(), participant.partition());
        if (partition == null) {
            then.accept(TransactionEnding.GONE);
        } else {
            partition.loop().run(() -> partition.end(end, then));
        }
    }

    static TransactionError error(Unavailable why) {
        return switch (why) {
            case NOT_COORDINATOR -> TransactionError.NOT_COORDINATOR;
            case COORDINATOR_NOT_AVAILABLE -> TransactionError.COORDINATOR_NOT_AVAILABLE;
            case COORDINATOR_LOAD_IN_PROGRESS -> TransactionError.COORDINATOR_LOAD_IN_PROGRESS;
        };
    }
}
