package io.millrace.broker.handler.transaction;

import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.MetadataErrors;
import io.millrace.broker.handler.topic.Topics;
import io.millrace.broker.transaction.Participant;
import io.millrace.broker.transaction.ProducerIdentity;
import io.millrace.broker.transaction.TransactionRequest.Add;
import io.millrace.broker.wire.Request;
import java.util.List;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.AddOffsetsToTxnRequestData;
import org.apache.kafka.common.message.AddOffsetsToTxnResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AddOffsetsToTxnRequest;
import org.apache.kafka.common.requests.AddOffsetsToTxnResponse;

/** AddOffsetsToTxn: the partition that keeps a group's offsets takes part in the transaction. */
public final class AddOffsetsToTxnHandler implements ApiHandler {
    private static final short FENCED_SINCE = 2;

    private final Transactions transactions;
    private final GroupCoordinator groups;
    private final Topics topics;

    public AddOffsetsToTxnHandler(
            Transactions transactions, GroupCoordinator groups, Topics topics) {
        this.transactions = transactions;
        this.groups = groups;
        this.topics = topics;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.ADD_OFFSETS_TO_TXN;
    }

    @Override
    public void handle(Request request) {
        AddOffsetsToTxnRequestData asked = request.body(AddOffsetsToTxnRequest.class).data();
        if (asked.transactionalId().isEmpty()) {
            throw new InvalidRequestException("the transactional id is empty");
        }
        MetadataErrors.whenDone(
                topics.ensureOffsetsTopic(), request, outcome -> add(request, asked));
    }

    private void add(Request request, AddOffsetsToTxnRequestData asked) {
        int shard = groups.shardOf(asked.groupId());
        if (shard < 0) {
            request.answer(answer(Errors.COORDINATOR_NOT_AVAILABLE));
            return;
        }
        transactions.handle(
                new Add(
                        asked.transactionalId(),
                        new ProducerIdentity(asked.producerId(), asked.producerEpoch()),
                        List.of(new Participant(Topics.OFFSETS, shard)),
                        request.client().number()),
                reply -> {
                    Errors error = TransactionErrors.of(reply.error());
                    if (error == Errors.PRODUCER_FENCED && request.version() < FENCED_SINCE) {
                        error = Errors.INVALID_PRODUCER_EPOCH;
                    }
                    request.answer(answer(error));
                });
    }

    private static AddOffsetsToTxnResponse answer(Errors error) {
        return new AddOffsetsToTxnResponse(
                new AddOffsetsToTxnResponseData().setErrorCode(error.code()));
    }
}
