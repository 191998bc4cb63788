package io.millrace.broker.handler.transaction;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.transaction.ProducerIdentity;
import io.millrace.broker.transaction.TransactionReply;
import io.millrace.broker.transaction.TransactionReply.Identified;
import io.millrace.broker.transaction.TransactionRequest;
import io.millrace.broker.transaction.TransactionRequest.Initialize;
import io.millrace.broker.wire.Request;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.InitProducerIdRequest;
import org.apache.kafka.common.requests.InitProducerIdResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * InitProducerId: of idempotent producers an id that nobody else has; of transactional ones the id
 * that goes with their name, in an epoch that fences those before (KIP-98, KIP-360).
 */
public final class InitProducerIdHandler implements ApiHandler {
    private static final Logger LOG = LoggerFactory.getLogger(InitProducerIdHandler.class);

    /** Version 6 adds two-phase commit, which is not stable. */
    private static final short NEWEST = 5;

    private static final short PRODUCER_FENCED_SINCE = 4;

    private final ProducerIds ids;
    private final Transactions transactions;

    public InitProducerIdHandler(ProducerIds ids, Transactions transactions) {
        this.ids = ids;
        this.transactions = transactions;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.INIT_PRODUCER_ID;
    }

    @Override
    public short newestVersion() {
        return NEWEST;
    }

    @Override
    public void handle(Request request) {
        InitProducerIdRequestData asked = request.body(InitProducerIdRequest.class).data();
        String id = asked.transactionalId();
        if (id == null) {
            giveId(request);
            return;
        }
        var producer = new ProducerIdentity(asked.producerId(), asked.producerEpoch());
        boolean halfNamed = (producer.id() < 0) != (producer.epoch() < 0);
        if (id.isEmpty() || halfNamed) {
            throw new InvalidRequestException("a transactional id is named, a producer in full");
        }
        transactions.handle(
                new Initialize(
                        id, asked.transactionTimeoutMs(), producer, TransactionRequest.NO_ID),
                reply -> request.answer(answer(request.version(), reply)));
    }

    private void giveId(Request request) {
        var _ =
                ids.take()
                        .whenComplete((id, failure) -> {
                            if (failure == null) {
                                request.answer(
                                        answer(Errors.NONE, new ProducerIdentity(id, (short) 0)));
                            } else {
                                LOG.error("No producer id: {}", failure.getMessage());
                                request.fail(
                                        new KafkaStorageException("the metadata cannot be stored"));
                            }
                        });
    }

    private static InitProducerIdResponse answer(short version, TransactionReply reply) {
        Errors error = TransactionErrors.of(reply.error());
        if (error == Errors.PRODUCER_FENCED && version < PRODUCER_FENCED_SINCE) {
            error = Errors.INVALID_PRODUCER_EPOCH;
        }
        return answer(
                error,
                reply instanceof Identified identified
                        ? identified.producer()
                        : ProducerIdentity.NONE);
    }

    private static InitProducerIdResponse answer(Errors error, ProducerIdentity producer) {
        return new InitProducerIdResponse(
                new InitProducerIdResponseData()
                        .setErrorCode(error.code())
                        .setProducerId(producer.id())
                        .setProducerEpoch(producer.epoch()));
    }
}
