package io.millrace.broker.handler.topic;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.MetadataErrors;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.MetadataService.Outcome;
import io.millrace.cluster.controller.Command.Reassign;
import io.millrace.cluster.controller.Decision;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.metadata.TopicImage;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignablePartition;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData.ReassignablePartitionResponse;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData.ReassignableTopicResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AlterPartitionReassignmentsRequest;
import org.apache.kafka.common.requests.AlterPartitionReassignmentsResponse;
import org.jspecify.annotations.Nullable;

/**
 * AlterPartitionReassignments: begins to move partitions to other replicas, or takes that back
 * (KIP-455); unless it is allowed, their number must stay (KIP-860).
 */
public final class AlterReassignmentsHandler implements ApiHandler {
    private final Topics topics;

    public AlterReassignmentsHandler(Topics topics) {
        this.topics = topics;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.ALTER_PARTITION_REASSIGNMENTS;
    }

    @Override
    public void handle(Request request) {
        var asked = request.body(AlterPartitionReassignmentsRequest.class).data();
        var response =
                new AlterPartitionReassignmentsResponseData()
                        .setAllowReplicationFactorChange(asked.allowReplicationFactorChange());
        var commands = new ArrayList<Reassign>();
        var undecided = new ArrayList<ReassignablePartitionResponse>();
        for (var topic : asked.topics()) {
            var results = new ReassignableTopicResponse().setName(topic.name());
            response.responses().add(results);
            for (ReassignablePartition wanted : topic.partitions()) {
                var result =
                        new ReassignablePartitionResponse()
                                .setPartitionIndex(wanted.partitionIndex());
                results.partitions().add(result);
                if (mayReassign(asked, topic.name(), wanted, result)) {
                    commands.add(command(topic.name(), wanted));
                    undecided.add(result);
                }
            }
        }
        MetadataErrors.whenDone(
                commands.isEmpty()
                        ? CompletableFuture.completedFuture(new Outcome(List.of(), topics.image()))
                        : topics.metadata().submit(commands),
                request,
                outcome -> {
                    Iterator<Decision> decisions = outcome.decisions().iterator();
                    undecided.forEach(result -> fill(result, decisions.next()));
                    request.answer(new AlterPartitionReassignmentsResponse(response));
                });
    }

    private static Reassign command(String topic, ReassignablePartition wanted) {
        List<Integer> replicas = wanted.replicas();
        return new Reassign(
                topic,
                wanted.partitionIndex(),
                replicas == null ? Optional.empty() : Optional.of(List.copyOf(replicas)));
    }

    /** Whether the controller is to decide; else why not is in the result. */
    private boolean mayReassign(
            AlterPartitionReassignmentsRequestData asked,
            String name,
            ReassignablePartition wanted,
            ReassignablePartitionResponse result) {
        PartitionImage partition = find(name, wanted.partitionIndex());
        if (partition == null) {
            refuse(
                    result,
                    Errors.UNKNOWN_TOPIC_OR_PARTITION,
                    "Unable to find partition %s:%d.".formatted(name, wanted.partitionIndex()));
            return false;
        }
        List<Integer> replicas = wanted.replicas();
        int factor = partition.target().size();
        if (replicas != null
                && !asked.allowReplicationFactorChange()
                && replicas.size() != factor) {
            refuse(
                    result,
                    Errors.INVALID_REPLICATION_FACTOR,
                    "The replication factor is changed from %d to %d"
                            .formatted(factor, replicas.size()));
            return false;
        }
        return true;
    }

    private @Nullable PartitionImage find(String name, int index) {
        TopicImage topic = topics.image().topic(name);
        return topic == null ? null : topics.image().partition(topic.id(), index);
    }

    private static void fill(ReassignablePartitionResponse result, Decision decision) {
        if (decision instanceof Decision.Refused(Decision.Reason reason, String message)) {
            refuse(result, MetadataErrors.of(reason), message);
        }
    }

    private static void refuse(ReassignablePartitionResponse result, Errors error, String message) {
        result.setErrorCode(error.code()).setErrorMessage(message);
    }
}
