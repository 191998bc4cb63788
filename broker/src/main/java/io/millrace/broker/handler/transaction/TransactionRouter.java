package io.millrace.broker.handler.transaction;

import io.millrace.broker.handler.LeaderPeers;
import io.millrace.broker.handler.topic.Topics;
import io.millrace.broker.transaction.Participant;
import io.millrace.broker.transaction.ProducerIdentity;
import io.millrace.broker.transaction.TransactionError;
import io.millrace.broker.transaction.TransactionReply;
import io.millrace.broker.transaction.TransactionRequest;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopic;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopicCollection;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTransaction;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTransactionCollection;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData.AddPartitionsToTxnResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * Asks the coordinator of a transaction, here or on the broker that has it, for a partition or a
 * group that is written to (KIP-890). Thread-safe; never blocks.
 */
public final class TransactionRouter {
    private final ToIntFunction<String> shards;
    private final BiConsumer<TransactionRequest, Consumer<TransactionReply>> here;
    private final LeaderPeers leaders;

    /**
     * @param shards the partition that keeps a transactional id; -1 if there is none yet
     * @param here asks this broker's coordinator
     */
    public TransactionRouter(
            ToIntFunction<String> shards,
            BiConsumer<TransactionRequest, Consumer<TransactionReply>> here,
            LeaderPeers leaders) {
        this.shards = shards;
        this.here = here;
        this.leaders = leaders;
    }

    /** Asks to add or to verify a participant; the reply comes on some loop. */
    public void ask(TransactionRequest request, Consumer<TransactionReply> then) {
        int shard = shards.applyAsInt(request.transactionalId());
        if (shard < 0 || !leaders.isElsewhere(Topics.TRANSACTIONS, shard)) {
            here.accept(request, then);
            return;
        }
        var asked = new AddPartitionsToTxnTransactionCollection();
        asked.add(transaction(request));
        var _ =
                leaders.ask(
                                Topics.TRANSACTIONS,
                                shard,
                                ApiKeys.ADD_PARTITIONS_TO_TXN,
                                new AddPartitionsToTxnRequestData().setTransactions(asked))
                        .whenComplete((answer, failure) ->
                                then.accept(
                                        new TransactionReply.Plain(
                                                failure == null
                                                        ? error(answer)
                                                        : TransactionError
                                                                .COORDINATOR_NOT_AVAILABLE)));
    }

    private static AddPartitionsToTxnTransaction transaction(TransactionRequest request) {
        return switch (request) {
            case TransactionRequest.Add add ->
                    transaction(add.transactionalId(), add.producer(), add.participants());
            case TransactionRequest.Verify verify ->
                    transaction(
                                    verify.transactionalId(),
                                    verify.producer(),
                                    List.of(verify.participant()))
                            .setVerifyOnly(true);
            case TransactionRequest.Initialize _, TransactionRequest.End _ ->
                    throw new IllegalArgumentException("clients go to the coordinator with these");
        };
    }

    private static AddPartitionsToTxnTransaction transaction(
            String id, ProducerIdentity producer, List<Participant> participants) {
        var topics = new AddPartitionsToTxnTopicCollection();
        for (Participant each : participants) {
            AddPartitionsToTxnTopic topic = topics.find(each.topic());
            if (topic == null) {
                topic = new AddPartitionsToTxnTopic().setName(each.topic());
                topics.add(topic);
            }
            topic.partitions().add(each.partition());
        }
        return new AddPartitionsToTxnTransaction()
                .setTransactionalId(id)
                .setProducerId(producer.id())
                .setProducerEpoch(producer.epoch())
                .setTopics(topics);
    }

    /** The first error that the coordinator has with any of the partitions. */
    private static TransactionError error(ApiMessage answer) {
        var data = (AddPartitionsToTxnResponseData) answer;
        Errors whole = Errors.forCode(data.errorCode());
        if (whole != Errors.NONE) {
            return of(whole);
        }
        return data.resultsByTransaction().stream()
                .map(AddPartitionsToTxnResult::topicResults)
                .flatMap(topics -> topics.stream())
                .flatMap(topic -> topic.resultsByPartition().stream())
                .map(each -> of(Errors.forCode(each.partitionErrorCode())))
                .filter(error -> error != TransactionError.NONE)
                .findFirst()
                .orElse(TransactionError.NONE);
    }

    private static TransactionError of(Errors error) {
        return Arrays.stream(TransactionError.values())
                .filter(each -> each.name().equals(error.name()))
                .findFirst()
                .orElse(TransactionError.COORDINATOR_NOT_AVAILABLE);
    }
}
