package io.millrace.broker.handler.transaction;

import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply.Each;
import io.millrace.broker.group.GroupReply.Enlisted;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.group.GroupRequest.Enlist;
import io.millrace.broker.group.GroupRequest.TransactionalCommit;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.topic.Topics;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.PartitionDirectory.HostedTopic;
import io.millrace.broker.transaction.Participant;
import io.millrace.broker.transaction.ProducerIdentity;
import io.millrace.broker.transaction.TransactionError;
import io.millrace.broker.transaction.TransactionRequest;
import io.millrace.broker.transaction.TransactionRequest.Add;
import io.millrace.broker.transaction.TransactionRequest.Verify;
import io.millrace.broker.wire.Request;
import io.millrace.broker.wire.Uuids;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestPartition;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData.TxnOffsetCommitResponsePartition;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData.TxnOffsetCommitResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.TxnOffsetCommitRequest;
import org.apache.kafka.common.requests.TxnOffsetCommitResponse;
import org.jspecify.annotations.Nullable;

/**
 * TxnOffsetCommit: offsets that are committed with the transaction (KIP-447). The group's shard is
 * told first that they come, then the coordinator is asked, then they are taken, unless the
 * transaction has ended meanwhile (KIP-890).
 */
public final class TxnOffsetCommitHandler implements ApiHandler {
    private static final short ABORTABLE_SINCE = 4;
    private static final short TOPIC_IDS_SINCE = 6;

    private final TransactionRouter transactions;
    private final GroupCoordinator groups;
    private final PartitionDirectory directory;

    public TxnOffsetCommitHandler(
            TransactionRouter transactions, GroupCoordinator groups, PartitionDirectory directory) {
        this.transactions = transactions;
        this.groups = groups;
        this.directory = directory;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.TXN_OFFSET_COMMIT;
    }

    @Override
    public void handle(Request request) {
        var asked = request.body(TxnOffsetCommitRequest.class).data();
        var operation = new Operation(request, asked);
        asked.topics().forEach(topic -> collect(topic, operation));
        if (operation.offsets.isEmpty()) {
            operation.answer();
            return;
        }
        groups.handle(
                new Enlist(
                        asked.groupId(),
                        asked.producerId(),
                        asked.producerEpoch(),
                        request.client().number()),
                reply -> enlisted(operation, (Enlisted) reply));
    }

    private void collect(TxnOffsetCommitRequestTopic topic, Operation operation) {
        boolean byId = operation.request.version() >= TOPIC_IDS_SINCE;
        @Nullable HostedTopic hosted =
                byId
                        ? directory.topic(Uuids.fromWire(topic.topicId()))
                        : directory.topic(topic.name());
        var answer =
                new TxnOffsetCommitResponseTopic()
                        .setName(topic.name())
                        .setTopicId(topic.topicId());
        operation.response.topics().add(answer);
        for (TxnOffsetCommitRequestPartition partition : topic.partitions()) {
            var slot =
                    new TxnOffsetCommitResponsePartition()
                            .setPartitionIndex(partition.partitionIndex());
            answer.partitions().add(slot);
            if (hosted == null || hosted.partition(partition.partitionIndex()) == null) {
                Errors missing =
                        byId && hosted == null
                                ? Errors.UNKNOWN_TOPIC_ID
                                : Errors.UNKNOWN_TOPIC_OR_PARTITION;
                slot.setErrorCode(missing.code());
            } else {
                operation.add(slot, hosted, partition);
            }
        }
    }

    private void enlisted(Operation operation, Enlisted enlisted) {
        if (enlisted.error() != GroupError.NONE) {
            operation.fail(Errors.valueOf(enlisted.error().name()));
        } else if (enlisted.number() == 0) {
            commit(operation, 0);
        } else {
            transactions.ask(
                    question(operation),
                    reply -> {
                        if (reply.error() == TransactionError.NONE) {
                            commit(operation, enlisted.number());
                        } else {
                            groups.withdraw(
                                    operation.asked.groupId(),
                                    operation.asked.producerId(),
                                    enlisted.number());
                            operation.fail(
                                    TransactionErrors.toWriter(
                                            reply.error(),
                                            Errors.COORDINATOR_LOAD_IN_PROGRESS,
                                            operation.request.version() >= ABORTABLE_SINCE));
                        }
                    });
        }
    }

    /** Adds the group to the transaction, or asks whether it was added, as old clients do. */
    private TransactionRequest question(Operation operation) {
        TxnOffsetCommitRequestData asked = operation.asked;
        var producer = new ProducerIdentity(asked.producerId(), asked.producerEpoch());
        var participant = new Participant(Topics.OFFSETS, groups.shardOf(asked.groupId()));
        boolean adds =
                operation.request.version()
                        > TxnOffsetCommitRequest.LAST_STABLE_VERSION_BEFORE_TRANSACTION_V2;
        return adds
                ? new Add(
                        asked.transactionalId(),
                        producer,
                        List.of(participant),
                        TransactionRequest.ANY_CONNECTION)
                : new Verify(asked.transactionalId(), producer, participant);
    }

    private void commit(Operation operation, long number) {
        TxnOffsetCommitRequestData asked = operation.asked;
        groups.handle(
                new TransactionalCommit(
                        asked.groupId(),
                        new GroupRequest.Claim(
                                asked.generationIdOrMemberEpoch(),
                                asked.memberId(),
                                asked.groupInstanceId()),
                        asked.producerId(),
                        asked.producerEpoch(),
                        number,
                        TxnOffsetCommitRequest.supportsStaleMemberEpochError(
                                operation.request.version()),
                        operation.offsets),
                reply -> operation.fill((Each) reply));
    }

    /** One request under way. */
    private static final class Operation {
        private final Request request;
        private final TxnOffsetCommitRequestData asked;
        private final TxnOffsetCommitResponseData response = new TxnOffsetCommitResponseData();
        private final List<TxnOffsetCommitResponsePartition> slots = new ArrayList<>();
        private final List<GroupRequest.Offset> offsets = new ArrayList<>();

        Operation(Request request, TxnOffsetCommitRequestData asked) {
            this.request = request;
            this.asked = asked;
        }

        void add(
                TxnOffsetCommitResponsePartition slot,
                HostedTopic topic,
                TxnOffsetCommitRequestPartition partition) {
            slots.add(slot);
            String metadata = partition.committedMetadata();
            offsets.add(
                    new GroupRequest.Offset(
                                    topic.name(),
                                    partition.partitionIndex(),
                                    partition.committedOffset(),
                                    partition.committedLeaderEpoch(),
                                    metadata == null ? "" : metadata)
                            .of(topic.id()));
        }

        void fill(Each outcome) {
            for (int i = 0; i < slots.size(); i++) {
                slots.get(i).setErrorCode(Errors.valueOf(outcome.errors().get(i).name()).code());
            }
            answer();
        }

        void fail(Errors error) {
            slots.forEach(slot -> slot.setErrorCode(error.code()));
            answer();
        }

        void answer() {
            request.answer(new TxnOffsetCommitResponse(response));
        }
    }
}
