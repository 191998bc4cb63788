package io.millrace.broker.handler.topic;

import io.millrace.broker.config.BrokerKeys;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.AuthorizedOperations;
import io.millrace.broker.handler.MetadataErrors;
import io.millrace.broker.wire.Request;
import io.millrace.broker.wire.Uuids;
import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.TopicNames;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.metadata.TopicImage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopicCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.jspecify.annotations.Nullable;

/** Metadata: brokers, and topics by name or id, made on the way if configured so. */
public final class MetadataHandler implements ApiHandler {
    private static final short AUTHORIZED_CLUSTER_UNTIL = 10;
    private static final short IDS_SINCE = 12;
    private static final int MOST_UNKNOWN_TOPICS = 2000;

    private final Topics topics;
    private final int nodeId;

    public MetadataHandler(Topics topics, int nodeId) {
        this.topics = topics;
        this.nodeId = nodeId;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.METADATA;
    }

    @Override
    public void handle(Request request) {
        MetadataRequestData data = request.body(MetadataRequest.class).data();
        refuseUnclear(request.version(), data);
        if (namesTooMuch(data)) {
            request.closeConnection("it asks for %d topics".formatted(data.topics().size()));
            return;
        }
        List<Command.CreateTopic> missing = missing(data);
        if (missing.isEmpty()) {
            request.answer(answer(request, topics.image()));
        } else {
            MetadataErrors.whenDone(
                    topics.metadata().submit(missing),
                    request,
                    outcome -> request.answer(answer(request, topics.image())));
        }
    }

    /**
     * Whether so many topics are named that are not there that it can be no mistake. An answer to
     * such a request may take minutes: Kafka's collections take quadratic time for names that were
     * made to collide.
     */
    private boolean namesTooMuch(MetadataRequestData data) {
        int present = topics.image().topics().size();
        return data.topics() != null && data.topics().size() > MOST_UNKNOWN_TOPICS + 2L * present;
    }

    /** Ids come with version 12, though versions 10 and 11 have a field for them. */
    private static void refuseUnclear(short version, MetadataRequestData data) {
        if (data.topics() == null || version >= IDS_SINCE) {
            return;
        }
        for (MetadataRequestTopic topic : data.topics()) {
            if (topic.name() == null || !topic.topicId().equals(Uuid.ZERO_UUID)) {
                throw new InvalidRequestException(
                        "Requesting by topic ID is not supported before version " + IDS_SINCE);
            }
        }
    }

    private List<Command.CreateTopic> missing(MetadataRequestData data) {
        boolean create =
                data.allowAutoTopicCreation() && topics.config().flag(BrokerKeys.AUTO_CREATE);
        if (!create || data.topics() == null) {
            return List.of();
        }
        var missing = new ArrayList<Command.CreateTopic>();
        int most = Topics.MOST_NEW_PARTITIONS / topics.config().integer(BrokerKeys.NUM_PARTITIONS);
        var seen = new HashSet<String>();
        for (MetadataRequestTopic topic : data.topics()) {
            String name = topic.name();
            if (name != null
                    && missing.size() < most
                    && seen.add(name)
                    && topics.image().topic(name) == null
                    && TopicNames.problem(name) == null) {
                missing.add(topics.automatic(name));
            }
        }
        return missing;
    }

    private MetadataResponse answer(Request request, ClusterImage image) {
        MetadataRequestData asked = request.body(MetadataRequest.class).data();
        var data =
                new MetadataResponseData()
                        .setClusterId(image.clusterId())
                        .setControllerId(takesCommands(image, nodeId));
        image.liveNodes()
                .forEach(node ->
                        data.brokers()
                                .add(
                                        new MetadataResponseBroker()
                                                .setNodeId(node.id())
                                                .setHost(node.host())
                                                .setPort(node.port())
                                                .setRack(
                                                        node.rack().isEmpty()
                                                                ? null
                                                                : node.rack())));
        if (request.version() <= AUTHORIZED_CLUSTER_UNTIL) {
            data.setClusterAuthorizedOperations(
                    AuthorizedOperations.onCluster(asked.includeClusterAuthorizedOperations()));
        }
        boolean rights = asked.includeTopicAuthorizedOperations();
        if (isAll(asked, request.version())) {
            data.setTopics(new MetadataResponseTopicCollection(image.topics().size() + 1));
            image.topics().forEach(topic -> data.topics().add(found(image, topic, rights)));
        } else {
            data.setTopics(new MetadataResponseTopicCollection(asked.topics().size() + 1));
            var seen = new HashSet<String>();
            for (MetadataRequestTopic topic : asked.topics()) {
                if (seen.add(isByName(topic) ? "name " + topic.name() : "id " + topic.topicId())) {
                    data.topics().add(find(image, topic, rights));
                }
            }
        }
        return new MetadataResponse(data, request.version());
    }

    /** Hashes by its id too: those without a name would all hash alike. */
    private static final class UnknownId extends MetadataResponseTopic {
        @Override
        public int hashCode() {
            return 31 * topicId().hashCode() + Objects.hashCode(name());
        }
    }

    /**
     * Whom clients are told to send administration to: this node, if it is among the brokers they
     * are told of. One that the controllers do not hear of is not, and clients wait or fail at once
     * for a controller that no list of brokers has.
     */
    static int takesCommands(ClusterImage image, int self) {
        return image.isLive(self)
                ? self
                : image.liveNodes().stream()
                        .mapToInt(NodeImage::id)
                        .findFirst()
                        .orElse(MetadataResponse.NO_CONTROLLER_ID);
    }

    private static boolean isAll(MetadataRequestData asked, short version) {
        return asked.topics() == null || version == 0 && asked.topics().isEmpty();
    }

    /** Clients that ask by id send the name as null or as empty. */
    private static boolean isByName(MetadataRequestTopic asked) {
        return asked.name() != null && asked.topicId().equals(Uuid.ZERO_UUID);
    }

    private static MetadataResponseTopic find(
            ClusterImage image, MetadataRequestTopic asked, boolean rights) {
        String name = asked.name();
        boolean byName = isByName(asked);
        @Nullable TopicImage topic =
                byName ? image.topic(name) : image.topic(Uuids.fromWire(asked.topicId()));
        if (topic != null) {
            return found(image, topic, rights);
        }
        Errors error = byName ? Errors.UNKNOWN_TOPIC_OR_PARTITION : Errors.UNKNOWN_TOPIC_ID;
        if (byName && TopicNames.problem(name) != null) {
            error = Errors.INVALID_TOPIC_EXCEPTION;
        }
        return (byName ? new MetadataResponseTopic() : new UnknownId())
                .setErrorCode(error.code())
                .setName(name)
                .setTopicId(byName ? Uuid.ZERO_UUID : asked.topicId())
                .setTopicAuthorizedOperations(AuthorizedOperations.onTopic(rights && byName));
    }

    private static MetadataResponseTopic found(
            ClusterImage image, TopicImage topic, boolean rights) {
        var partitions = new ArrayList<MetadataResponsePartition>(topic.partitions().size());
        for (PartitionImage partition : topic.partitions()) {
            partitions.add(
                    new MetadataResponsePartition()
                            .setPartitionIndex(partition.index())
                            .setLeaderId(partition.leader())
                            .setLeaderEpoch(partition.leaderEpoch())
                            .setReplicaNodes(partition.replicas())
                            .setErrorCode(
                                    partition.leader() == PartitionImage.NO_LEADER
                                            ? Errors.LEADER_NOT_AVAILABLE.code()
                                            : Errors.NONE.code())
                            .setOfflineReplicas(
                                    partition.replicas().only(node -> !image.isLive(node)))
                            .setIsrNodes(partition.inSyncReplicas()));
        }
        return new MetadataResponseTopic()
                .setName(topic.name())
                .setTopicId(Uuids.toWire(topic.id()))
                .setIsInternal(MetadataErrors.isInternal(topic))
                .setPartitions(partitions)
                .setTopicAuthorizedOperations(AuthorizedOperations.onTopic(rights));
    }
}
