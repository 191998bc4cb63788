package io.millrace.broker.handler.transaction;

import io.millrace.broker.coordinator.TransactionCoordinator;
import io.millrace.broker.transaction.ProducerIdentity;
import io.millrace.broker.transaction.TransactionError;
import io.millrace.broker.transaction.TransactionReply;
import io.millrace.broker.transaction.TransactionReply.Identified;
import io.millrace.broker.transaction.TransactionReply.NeedsProducerId;
import io.millrace.broker.transaction.TransactionRequest;
import io.millrace.broker.transaction.TransactionRequest.End;
import io.millrace.broker.transaction.TransactionRequest.Initialize;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the coordinator, with a fresh producer id where it needs one. Thread-safe. */
public final class Transactions {
    private static final Logger LOG = LoggerFactory.getLogger(Transactions.class);

    private final TransactionCoordinator coordinator;
    private final ProducerIds ids;

    public Transactions(TransactionCoordinator coordinator, ProducerIds ids) {
        this.coordinator = coordinator;
        this.ids = ids;
    }

    /** Asks; the reply comes on some loop. */
    public void handle(TransactionRequest request, Consumer<TransactionReply> then) {
        coordinator.handle(
                request,
                reply -> {
                    if (reply instanceof NeedsProducerId) {
                        handleWithId(request, then);
                    } else {
                        then.accept(reply);
                    }
                });
    }

    private void handleWithId(TransactionRequest request, Consumer<TransactionReply> then) {
        LongFunction<TransactionRequest> withId =
                id ->
                        switch (request) {
                            case Initialize asked ->
                                    new Initialize(
                                            asked.transactionalId(),
                                            asked.timeoutMs(),
                                            asked.producer(),
                                            id);
                            case End asked ->
                                    new End(
                                            asked.transactionalId(),
                                            asked.producer(),
                                            asked.commit(),
                                            asked.raisesEpoch(),
                                            asked.connection(),
                                            id);
                            case TransactionRequest.Add _, TransactionRequest.Verify _ ->
                                    throw new IllegalStateException("needs no producer id");
                        };
        var _ =
                ids.take()
                        .whenComplete((id, failure) -> {
                            if (failure == null) {
                                coordinator.handle(withId.apply(id), then);
                            } else {
                                LOG.error("No producer id: {}", failure.getMessage());
                                then.accept(
                                        new Identified(
                                                TransactionError.COORDINATOR_NOT_AVAILABLE,
                                                ProducerIdentity.NONE));
                            }
                        });
    }
}
