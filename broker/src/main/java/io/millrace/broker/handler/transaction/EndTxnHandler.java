package io.millrace.broker.handler.transaction;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.transaction.ProducerIdentity;
import io.millrace.broker.transaction.TransactionReply;
import io.millrace.broker.transaction.TransactionReply.Identified;
import io.millrace.broker.transaction.TransactionRequest;
import io.millrace.broker.transaction.TransactionRequest.End;
import io.millrace.broker.wire.Request;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.EndTxnRequestData;
import org.apache.kafka.common.message.EndTxnResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.EndTxnRequest;
import org.apache.kafka.common.requests.EndTxnResponse;

/** EndTxn: commits or aborts; from version 5 the producer gets another epoch with it (KIP-890). */
public final class EndTxnHandler implements ApiHandler {
    private static final short FENCED_SINCE = 2;

    private final Transactions transactions;

    public EndTxnHandler(Transactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.END_TXN;
    }

    @Override
    public void handle(Request request) {
        EndTxnRequestData asked = request.body(EndTxnRequest.class).data();
        if (asked.transactionalId().isEmpty()) {
            throw new InvalidRequestException("the transactional id is empty");
        }
        transactions.handle(
                new End(
                        asked.transactionalId(),
                        new ProducerIdentity(asked.producerId(), asked.producerEpoch()),
                        asked.committed(),
                        request.version() > EndTxnRequest.LAST_STABLE_VERSION_BEFORE_TRANSACTION_V2,
                        request.client().number(),
                        TransactionRequest.NO_ID),
                reply -> request.answer(answer(request.version(), reply)));
    }

    private static EndTxnResponse answer(short version, TransactionReply reply) {
        Errors error = TransactionErrors.of(reply.error());
        if (error == Errors.PRODUCER_FENCED && version < FENCED_SINCE) {
            error = Errors.INVALID_PRODUCER_EPOCH;
        }
        ProducerIdentity producer =
                reply instanceof Identified identified
                        ? identified.producer()
                        : ProducerIdentity.NONE;
        var data = new EndTxnResponseData().setErrorCode(error.code());
        return new EndTxnResponse(
                version > EndTxnRequest.LAST_STABLE_VERSION_BEFORE_TRANSACTION_V2
                        ? data.setProducerId(producer.id()).setProducerEpoch(producer.epoch())
                        : data);
    }
}
