package io.millrace.broker.handler.topic;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.MetadataErrors;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.controller.Command.ElectLeader;
import io.millrace.cluster.controller.Decision;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.metadata.TopicImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ElectLeadersResponseData.PartitionResult;
import org.apache.kafka.common.message.ElectLeadersResponseData.ReplicaElectionResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ElectLeadersRequest;
import org.apache.kafka.common.requests.ElectLeadersResponse;
import org.jspecify.annotations.Nullable;

/**
 * ElectLeaders: has preferred replicas lead, or any replica where nobody leads (KIP-183, KIP-460).
 * Of all partitions, those are answered that do not have the leader that is asked for.
 */
public final class ElectLeadersHandler implements ApiHandler {
    private final Topics topics;

    public ElectLeadersHandler(Topics topics) {
        this.topics = topics;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.ELECT_LEADERS;
    }

    @Override
    public void handle(Request request) {
        ElectLeadersRequestData asked = request.body(ElectLeadersRequest.class).data();
        boolean unclean = isUnclean(asked.electionType());
        var election = new Elections();
        if (asked.topicPartitions() == null) {
            topics.image().topics().forEach(topic -> electAll(election, topic, unclean));
        } else {
            asked.topicPartitions()
                    .forEach(topic ->
                            topic.partitions()
                                    .forEach(index ->
                                            electOne(election, topic.topic(), index, unclean)));
        }
        if (election.commands.isEmpty()) {
            request.answer(election.answer(request.version(), List.of()));
            return;
        }
        MetadataErrors.whenDone(
                topics.metadata().submit(List.copyOf(election.commands)),
                request,
                outcome -> request.answer(election.answer(request.version(), outcome.decisions())));
    }

    private static boolean isUnclean(byte type) {
        try {
            return ElectionType.valueOf(type) == ElectionType.UNCLEAN;
        } catch (IllegalArgumentException e) {
            throw new InvalidRequestException("Unknown election type " + type, e);
        }
    }

    private static void electAll(Elections election, TopicImage topic, boolean unclean) {
        for (PartitionImage partition : topic.partitions()) {
            boolean needed =
                    unclean
                            ? partition.leader() == PartitionImage.NO_LEADER
                            : partition.leader() != partition.replicas().get(0);
            if (needed) {
                election.add(new ElectLeader(topic.name(), partition.index(), unclean));
            }
        }
    }

    private void electOne(Elections election, String name, int index, boolean unclean) {
        TopicImage topic = topics.image().topic(name);
        var elect = new ElectLeader(name, index, unclean);
        if (topic == null) {
            election.refuse(elect, "No such topic as " + name);
        } else if (index < 0 || index >= topic.partitions().size()) {
            election.refuse(elect, "No such partition as %s-%d".formatted(name, index));
        } else {
            election.add(elect);
        }
    }

    /** The elections that one request asks for, each once, and its answer. */
    private static final class Elections {
        private final List<ElectLeader> commands = new ArrayList<>();
        private final List<PartitionResult> undecided = new ArrayList<>();
        private final Map<String, ReplicaElectionResult> results = new LinkedHashMap<>();
        private final Map<String, Set<Integer>> seen = new HashMap<>();

        private @Nullable PartitionResult result(ElectLeader elect) {
            if (!seen.computeIfAbsent(elect.topic(), _ -> new HashSet<>()).add(elect.index())) {
                return null;
            }
            var result = new PartitionResult().setPartitionId(elect.index());
            results.computeIfAbsent(
                            elect.topic(), name -> new ReplicaElectionResult().setTopic(name))
                    .partitionResult()
                    .add(result);
            return result;
        }

        void add(ElectLeader elect) {
            PartitionResult result = result(elect);
            if (result != null) {
                commands.add(elect);
                undecided.add(result);
            }
        }

        void refuse(ElectLeader elect, String why) {
            PartitionResult result = result(elect);
            if (result != null) {
                result.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code()).setErrorMessage(why);
            }
        }

        ElectLeadersResponse answer(short version, List<Decision> decisions) {
            Iterator<Decision> decided = decisions.iterator();
            for (PartitionResult result : undecided) {
                if (decided.next() instanceof Decision.Refused(Decision.Reason reason, var _)) {
                    Errors error = MetadataErrors.of(reason);
                    result.setErrorCode(error.code()).setErrorMessage(error.message());
                }
            }
            return new ElectLeadersResponse(
                    0, Errors.NONE.code(), new ArrayList<>(results.values()), version);
        }
    }
}
