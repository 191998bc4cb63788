package io.millrace.broker.handler.topic;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.HandlerTable;
import io.millrace.broker.wire.Client;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.MetadataService;
import io.millrace.cluster.controller.Command;
import io.millrace.cluster.metadata.ConfigResource;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.PartitionImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignablePartition;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignableTopic;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ElectLeadersRequestData.TopicPartitions;
import org.apache.kafka.common.message.ElectLeadersResponseData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData.ListPartitionReassignmentsTopics;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.UnregisterBrokerRequestData;
import org.apache.kafka.common.message.UnregisterBrokerResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What administrators ask of several nodes, and are answered. Three are registered here. */
final class ClusterAdminTest {
    private static final byte PREFERRED = 0;
    private static final byte UNCLEAN = 1;

    private final MetadataService metadata = AtOnceQuorum.alone();
    private final Topics topics = new Topics(metadata, BrokerConfig.of(Map.of()));

    ClusterAdminTest() {
        metadata.start();
        for (int id = 1; id <= 3; id++) {
            submit(new Command.RegisterNode(new NodeImage(id, "node-" + id, 9092, "")));
        }
    }

    private void submit(Command command) {
        assertThat(metadata.submit(List.of(command)).join().decisions())
                .hasOnlyElementsOfType(io.millrace.cluster.controller.Decision.Accepted.class);
    }

    private void create(String name, List<List<Integer>> replicas) {
        submit(new Command.CreateTopic(UUID.randomUUID(), name, -1, -1, replicas, Map.of()));
    }

    private void fence(int node, boolean fenced) {
        long epoch = requireNonNull(topics.image().nodes().get(node)).registration().epoch();
        submit(new Command.ChangeNode(node, epoch, fenced, false));
    }

    private PartitionImage partition(String topic, int index) {
        return requireNonNull(topics.image().topic(topic)).partitions().get(index);
    }

    private static <T extends ApiMessage> T ask(
            ApiHandler handler, ApiMessage body, Class<T> type) {
        short version = handler.newestVersion();
        var header = new RequestHeader(handler.api(), version, "test", 1);
        var bytes = MessageUtil.toByteBufferAccessor(body, version).buffer();
        var parsed =
                AbstractRequest.parseRequest(handler.api(), version, new ByteBufferAccessor(bytes));
        var answered = new ArrayList<Request>();
        new HandlerTable(List.of(handler))
                .dispatch(
                        new Request(
                                header,
                                parsed.request,
                                new Client("/", "test", 1),
                                answered::add,
                                0,
                                null));
        return type.cast(requireNonNull(answered.getFirst().response()).data());
    }

    private List<String> elect(byte type, @Nullable String topic, Integer... indexes) {
        var asked = new ElectLeadersRequestData().setElectionType(type).setTopicPartitions(null);
        if (topic != null) {
            var partitions = new ElectLeadersRequestData.TopicPartitionsCollection();
            partitions.add(
                    new TopicPartitions().setTopic(topic).setPartitions(Arrays.asList(indexes)));
            asked.setTopicPartitions(partitions);
        }
        return ask(new ElectLeadersHandler(topics), asked, ElectLeadersResponseData.class)
                .replicaElectionResults()
                .stream()
                .flatMap(result ->
                        result.partitionResult().stream()
                                .map(each ->
                                        "%s-%d %s"
                                                .formatted(
                                                        result.topic(),
                                                        each.partitionId(),
                                                        Errors.forCode(each.errorCode()))))
                .sorted()
                .toList();
    }

    private Errors reassign(
            String topic, int index, boolean factorMayChange, @Nullable List<Integer> replicas) {
        var wanted = new ReassignablePartition().setPartitionIndex(index).setReplicas(replicas);
        var asked =
                new AlterPartitionReassignmentsRequestData()
                        .setAllowReplicationFactorChange(factorMayChange)
                        .setTopics(
                                List.of(
                                        new ReassignableTopic()
                                                .setName(topic)
                                                .setPartitions(List.of(wanted))));
        var answer =
                ask(
                        new AlterReassignmentsHandler(topics),
                        asked,
                        AlterPartitionReassignmentsResponseData.class);
        assertThat(answer.allowReplicationFactorChange()).isEqualTo(factorMayChange);
        return Errors.forCode(answer.responses().getFirst().partitions().getFirst().errorCode());
    }

    private List<String> reassignments(@Nullable List<ListPartitionReassignmentsTopics> of) {
        return ask(
                        new ListReassignmentsHandler(topics),
                        new ListPartitionReassignmentsRequestData().setTopics(of),
                        ListPartitionReassignmentsResponseData.class)
                .topics()
                .stream()
                .flatMap(topic ->
                        topic.partitions().stream()
                                .map(each ->
                                        "%s-%d %s +%s -%s"
                                                .formatted(
                                                        topic.name(),
                                                        each.partitionIndex(),
                                                        each.replicas(),
                                                        each.addingReplicas(),
                                                        each.removingReplicas())))
                .toList();
    }

    private Errors unregister(int node) {
        return Errors.forCode(
                ask(
                                new UnregisterBrokerHandler(topics),
                                new UnregisterBrokerRequestData().setBrokerId(node),
                                UnregisterBrokerResponseData.class)
                        .errorCode());
    }

    @Test
    void thePreferredReplicaLeadsAgainWhereItIsAskedFor() {
        create("a", List.of(List.of(1, 2), List.of(2, 3)));
        create("b", List.of(List.of(1, 3)));
        fence(1, true);
        fence(1, false);
        assertThat(partition("a", 0).leader()).isEqualTo(2);

        assertThat(elect(PREFERRED, "a", 0, 1, 7, 0))
                .containsExactly(
                        "a-0 PREFERRED_LEADER_NOT_AVAILABLE",
                        "a-1 ELECTION_NOT_NEEDED",
                        "a-7 UNKNOWN_TOPIC_OR_PARTITION");
        letBackIn("a", 0, 2, List.of(2, 1));
        assertThat(elect(PREFERRED, null))
                .containsExactly("a-0 NONE", "b-0 PREFERRED_LEADER_NOT_AVAILABLE");
        assertThat(partition("a", 0).leader()).isEqualTo(1);
        assertThat(elect(PREFERRED, "none", 0))
                .containsExactly("none-0 UNKNOWN_TOPIC_OR_PARTITION");
    }

    /** Has a leader take replicas in sync. */
    private void letBackIn(String topic, int index, int leader, List<Integer> inSync) {
        PartitionImage now = partition(topic, index);
        long epoch = requireNonNull(topics.image().nodes().get(leader)).registration().epoch();
        submit(
                new Command.AlterPartition(
                        leader,
                        epoch,
                        requireNonNull(topics.image().topic(topic)).id(),
                        index,
                        now.leaderEpoch(),
                        now.partitionEpoch(),
                        inSync,
                        List.of()));
    }

    @Test
    void anUncleanElectionIsForPartitionsThatNobodyLeads() {
        create("a", List.of(List.of(1, 2)));
        fence(2, true);
        fence(1, true);
        fence(2, false);
        assertThat(partition("a", 0).leader()).isEqualTo(PartitionImage.NO_LEADER);

        assertThat(elect(UNCLEAN, null)).containsExactly("a-0 NONE");
        assertThat(partition("a", 0).leader()).isEqualTo(2);
        assertThat(elect(UNCLEAN, null)).isEmpty();
        assertThat(elect(UNCLEAN, "a", 0)).containsExactly("a-0 ELECTION_NOT_NEEDED");
    }

    @Test
    void partitionsMoveAndMovesAreListedAndTakenBack() {
        create("a", List.of(List.of(1, 2), List.of(1, 2)));

        assertThat(reassign("a", 0, true, List.of(2, 3))).isEqualTo(Errors.NONE);

        var listed = "a-0 [2, 3, 1] +[3] -[1]";
        assertThat(reassignments(null)).containsExactly(listed);
        var named = new ListPartitionReassignmentsTopics().setName("a");
        assertThat(reassignments(List.of(named.duplicate().setPartitionIndexes(List.of(0, 0, 9)))))
                .containsExactly(listed);
        assertThat(reassignments(List.of(named.duplicate().setPartitionIndexes(List.of(1)))))
                .isEmpty();
        assertThat(reassign("a", 0, true, null)).isEqualTo(Errors.NONE);
        assertThat(reassignments(null)).isEmpty();
        assertThat(partition("a", 0).replicas()).containsExactlyInAnyOrder(1, 2);
        assertThat(reassign("a", 0, true, null)).isEqualTo(Errors.NO_REASSIGNMENT_IN_PROGRESS);
    }

    @Test
    void reassignmentsThatCannotBeAreRefusedOneByOne() {
        create("a", List.of(List.of(1, 2)));

        assertThat(reassign("a", 0, true, List.of(1, 9)))
                .isEqualTo(Errors.INVALID_REPLICA_ASSIGNMENT);
        assertThat(reassign("a", 0, true, List.of())).isEqualTo(Errors.INVALID_REPLICA_ASSIGNMENT);
        assertThat(reassign("a", 0, false, List.of(1, 2, 3)))
                .isEqualTo(Errors.INVALID_REPLICATION_FACTOR);
        assertThat(reassign("a", 5, true, List.of(1))).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(reassign("none", 0, true, null)).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    }

    @Test
    void aNodeIsForgottenUnlessItIsTheLast() {
        assertThat(unregister(9)).isEqualTo(Errors.BROKER_ID_NOT_REGISTERED);
        assertThat(unregister(3)).isEqualTo(Errors.NONE);
        assertThat(unregister(2)).isEqualTo(Errors.NONE);
        assertThat(unregister(1)).isEqualTo(Errors.INVALID_REQUEST);
        assertThat(topics.image().nodes()).containsOnlyKeys(1);
    }

    @Test
    void aNodeThatIsFencedNamesAnotherAsController() {
        assertThat(controllersToldBy(2)).containsExactly(2, 2);
        fence(2, true);
        assertThat(controllersToldBy(2)).containsExactly(1, 1);
        fence(1, true);
        fence(3, true);
        assertThat(controllersToldBy(2)).containsExactly(-1, -1);
    }

    private List<Integer> controllersToldBy(int node) {
        return List.of(
                ask(
                                new MetadataHandler(topics, node),
                                new MetadataRequestData().setTopics(List.of()),
                                MetadataResponseData.class)
                        .controllerId(),
                ask(
                                new DescribeClusterHandler(topics, node),
                                new DescribeClusterRequestData(),
                                DescribeClusterResponseData.class)
                        .controllerId());
    }

    @Test
    void theBrokersOwnTopicsHaveAReplicaOnEachOfThreeNodes() {
        topics.ensureOffsetsTopic().join();
        topics.ensureTransactionsTopic().join();
        topics.ensureShareStateTopic().join();

        for (String name : List.of(Topics.OFFSETS, Topics.TRANSACTIONS, Topics.SHARE_STATE)) {
            assertThat(partition(name, 0).replicas()).as(name).hasSize(3);
            assertThat(topics.image().config(new ConfigResource(ConfigResource.Type.TOPIC, name)))
                    .as(name)
                    .containsEntry("min.insync.replicas", "2");
        }
    }

    @Test
    void fewerReplicasOfThemAreAskedForOrThereAreFewerNodes() {
        submit(new Command.UnregisterNode(3));
        var asked =
                new Topics(
                        metadata, BrokerConfig.of(Map.of("offsets.topic.replication.factor", "1")));

        asked.ensureOffsetsTopic().join();
        asked.ensureTransactionsTopic().join();

        assertThat(partition(Topics.OFFSETS, 0).replicas()).hasSize(1);
        assertThat(partition(Topics.TRANSACTIONS, 0).replicas()).hasSize(2);
        assertThat(
                        topics.image()
                                .config(
                                        new ConfigResource(
                                                ConfigResource.Type.TOPIC, Topics.TRANSACTIONS)))
                .containsEntry("min.insync.replicas", "1");
    }
}
