package io.millrace.broker.handler.transaction;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.transaction.Participant;
import io.millrace.broker.transaction.ProducerIdentity;
import io.millrace.broker.transaction.TransactionRequest;
import io.millrace.broker.transaction.TransactionRequest.Add;
import io.millrace.broker.transaction.TransactionRequest.Verify;
import io.millrace.broker.wire.Request;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTransaction;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData.AddPartitionsToTxnResult;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData.AddPartitionsToTxnResultCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AddPartitionsToTxnRequest;
import org.apache.kafka.common.requests.AddPartitionsToTxnResponse;

/**
 * AddPartitionsToTxn: of one producer that is about to write, or, from version 4, of a broker for
 * several, to add or only to verify (KIP-890). All partitions are added, or none.
 */
public final class AddPartitionsToTxnHandler implements ApiHandler {
    private static final short BATCHED_SINCE = 4;
    private static final short FENCED_SINCE = 2;

    private final Transactions transactions;
    private final PartitionDirectory directory;

    public AddPartitionsToTxnHandler(Transactions transactions, PartitionDirectory directory) {
        this.transactions = transactions;
        this.directory = directory;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.ADD_PARTITIONS_TO_TXN;
    }

    @Override
    public void handle(Request request) {
        var body = request.body(AddPartitionsToTxnRequest.class);
        var asked = (request.version() < BATCHED_SINCE ? body.normalizeRequest() : body).data();
        Map<String, AddPartitionsToTxnResult> results = new ConcurrentHashMap<>();
        var open = new AtomicInteger(1 + asked.transactions().size());
        Runnable done =
                () -> {
                    if (open.decrementAndGet() == 0) {
                        request.answer(answer(request.version(), results));
                    }
                };
        for (AddPartitionsToTxnTransaction transaction : asked.transactions()) {
            handle(
                    transaction,
                    request,
                    errors -> {
                        results.put(
                                transaction.transactionalId(),
                                AddPartitionsToTxnResponse.resultForTransaction(
                                        transaction.transactionalId(), errors));
                        done.run();
                    });
        }
        done.run();
    }

    private static AddPartitionsToTxnResponse answer(
            short version, Map<String, AddPartitionsToTxnResult> results) {
        var data = new AddPartitionsToTxnResponseData();
        if (version < BATCHED_SINCE) {
            results.values()
                    .forEach(each ->
                            data.setResultsByTopicV3AndBelow(each.topicResults().duplicate()));
        } else {
            var all = new AddPartitionsToTxnResultCollection(results.size() + 1);
            all.addAll(results.values());
            data.setResultsByTransaction(all);
        }
        return new AddPartitionsToTxnResponse(data);
    }

    private void handle(
            AddPartitionsToTxnTransaction asked,
            Request request,
            Consumer<Map<TopicPartition, Errors>> then) {
        List<TopicPartition> partitions = AddPartitionsToTxnRequest.getPartitions(asked.topics());
        var unknown =
                partitions.stream()
                        .filter(each -> directory.partition(each.topic(), each.partition()) == null)
                        .toList();
        if (asked.transactionalId().isEmpty()) {
            then.accept(all(partitions, Errors.INVALID_REQUEST));
        } else if (!unknown.isEmpty()) {
            Map<TopicPartition, Errors> errors = all(partitions, Errors.OPERATION_NOT_ATTEMPTED);
            unknown.forEach(each -> errors.put(each, Errors.UNKNOWN_TOPIC_OR_PARTITION));
            then.accept(errors);
        } else if (asked.verifyOnly()) {
            verify(asked, partitions, then);
        } else {
            add(asked, partitions, request, then);
        }
    }

    private void add(
            AddPartitionsToTxnTransaction asked,
            List<TopicPartition> partitions,
            Request request,
            Consumer<Map<TopicPartition, Errors>> then) {
        long connection =
                request.version() < BATCHED_SINCE
                        ? request.client().number()
                        : TransactionRequest.ANY_CONNECTION;
        var participants =
                partitions.stream()
                        .map(each -> new Participant(each.topic(), each.partition()))
                        .toList();
        transactions.handle(
                new Add(
                        asked.transactionalId(),
                        new ProducerIdentity(asked.producerId(), asked.producerEpoch()),
                        participants,
                        connection),
                reply -> {
                    Errors error = TransactionErrors.of(reply.error());
                    if (error == Errors.PRODUCER_FENCED && request.version() < FENCED_SINCE) {
                        error = Errors.INVALID_PRODUCER_EPOCH;
                    }
                    then.accept(all(partitions, error));
                });
    }

    private void verify(
            AddPartitionsToTxnTransaction asked,
            List<TopicPartition> partitions,
            Consumer<Map<TopicPartition, Errors>> then) {
        Map<TopicPartition, Errors> errors = new ConcurrentHashMap<>();
        var waiting = new ArrayList<>(partitions);
        var open = new AtomicInteger(1 + waiting.size());
        Runnable done =
                () -> {
                    if (open.decrementAndGet() == 0) {
                        then.accept(errors);
                    }
                };
        for (TopicPartition each : waiting) {
            transactions.handle(
                    new Verify(
                            asked.transactionalId(),
                            new ProducerIdentity(asked.producerId(), asked.producerEpoch()),
                            new Participant(each.topic(), each.partition())),
                    reply -> {
                        errors.put(each, TransactionErrors.of(reply.error()));
                        done.run();
                    });
        }
        done.run();
    }

    private static Map<TopicPartition, Errors> all(List<TopicPartition> partitions, Errors error) {
        var errors = new LinkedHashMap<TopicPartition, Errors>();
        partitions.forEach(each -> errors.put(each, error));
        return errors;
    }
}
