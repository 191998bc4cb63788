package io.millrace.cluster.peer;

import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Command.AlterPartition;
import io.millrace.cluster.controller.Command.ChangeConfig;
import io.millrace.cluster.controller.Command.ChangeNode;
import io.millrace.cluster.controller.Command.CreatePartitions;
import io.millrace.cluster.controller.Command.CreateTopic;
import io.millrace.cluster.controller.Command.ElectLeader;
import io.millrace.cluster.controller.Command.Reassign;
import io.millrace.cluster.controller.Command.RegisterNode;
import io.millrace.cluster.controller.Command.ReplicaFailed;
import io.millrace.cluster.controller.Command.SetFeatureLevel;
import io.millrace.cluster.metadata.ConfigResource;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.NodeImage.Registration;
import io.millrace.cluster.proto.AlterPartitionMessage;
import io.millrace.cluster.proto.ChangeConfigMessage;
import io.millrace.cluster.proto.ChangeNodeMessage;
import io.millrace.cluster.proto.CommandMessage;
import io.millrace.cluster.proto.CreatePartitionsMessage;
import io.millrace.cluster.proto.CreateTopicMessage;
import io.millrace.cluster.proto.ElectLeaderMessage;
import io.millrace.cluster.proto.ReassignMessage;
import io.millrace.cluster.proto.RegisterNodeMessage;
import io.millrace.cluster.proto.ReplicaFailedMessage;
import io.millrace.cluster.proto.ReplicasMessage;
import io.millrace.cluster.proto.SetFeatureLevelMessage;
import io.millrace.cluster.proto.UuidMessage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Commands as messages and back. Stateless. */
final class CommandCodec {
    private CommandCodec() {}

    static CommandMessage encode(Command command) {
        var message = CommandMessage.newBuilder();
        switch (command) {
            case CreateTopic create -> message.setCreateTopic(createTopic(create));
            case Command.DeleteTopic(UUID id) -> message.setDeleteTopic(uuid(id));
            case CreatePartitions(String topic, int total, List<List<Integer>> assignments) ->
                    message.setCreatePartitions(
                            CreatePartitionsMessage.newBuilder()
                                    .setTopic(topic)
                                    .setTotal(total)
                                    .addAllAssignments(assignments(assignments)));
            case ChangeConfig change -> message.setChangeConfig(changeConfig(change));
            case Command.AllocateProducerIds(int count) -> message.setAllocateProducerIds(count);
            case SetFeatureLevel(String name, short level) ->
                    message.setSetFeatureLevel(
                            SetFeatureLevelMessage.newBuilder().setName(name).setLevel(level));
            case RegisterNode register -> message.setRegisterNode(registerNode(register));
            case ChangeNode(int node, long nodeEpoch, boolean fenced, boolean shuttingDown) ->
                    message.setChangeNode(
                            ChangeNodeMessage.newBuilder()
                                    .setNode(node)
                                    .setNodeEpoch(nodeEpoch)
                                    .setFenced(fenced)
                                    .setShuttingDown(shuttingDown));
            case Command.UnregisterNode(int node) -> message.setUnregisterNode(node);
            case AlterPartition alter -> message.setAlterPartition(alterPartition(alter));
            case ElectLeader(String topic, int index, boolean unclean) ->
                    message.setElectLeader(
                            ElectLeaderMessage.newBuilder()
                                    .setTopic(topic)
                                    .setIndex(index)
                                    .setUnclean(unclean));
            case Reassign reassign -> message.setReassign(reassign(reassign));
            case ReplicaFailed(int node, long nodeEpoch, UUID topicId, int index) ->
                    message.setReplicaFailed(
                            ReplicaFailedMessage.newBuilder()
                                    .setNode(node)
                                    .setNodeEpoch(nodeEpoch)
                                    .setTopicId(uuid(topicId))
                                    .setIndex(index));
            case Command.BalanceLeaders(int percentage) -> message.setBalanceLeaders(percentage);
        }
        return message.build();
    }

    /**
     * @throws IllegalArgumentException if the message is of no known kind
     */
    static Command decode(CommandMessage message) {
        return switch (message.getCommandCase()) {
            case CREATE_TOPIC -> createTopic(message.getCreateTopic());
            case DELETE_TOPIC -> new Command.DeleteTopic(uuid(message.getDeleteTopic()));
            case CREATE_PARTITIONS -> createPartitions(message.getCreatePartitions());
            case CHANGE_CONFIG -> changeConfig(message.getChangeConfig());
            case ALLOCATE_PRODUCER_IDS ->
                    new Command.AllocateProducerIds(message.getAllocateProducerIds());
            case SET_FEATURE_LEVEL -> setFeatureLevel(message.getSetFeatureLevel());
            case REGISTER_NODE -> registerNode(message.getRegisterNode());
            case CHANGE_NODE -> changeNode(message.getChangeNode());
            case UNREGISTER_NODE -> new Command.UnregisterNode(message.getUnregisterNode());
            case ALTER_PARTITION -> alterPartition(message.getAlterPartition());
            case ELECT_LEADER -> electLeader(message.getElectLeader());
            case REASSIGN -> reassign(message.getReassign());
            case BALANCE_LEADERS -> new Command.BalanceLeaders(message.getBalanceLeaders());
            case REPLICA_FAILED -> replicaFailed(message.getReplicaFailed());
            case COMMAND_NOT_SET -> throw new IllegalArgumentException("an unknown command");
        };
    }

    private static CreateTopicMessage createTopic(CreateTopic create) {
        return CreateTopicMessage.newBuilder()
                .setId(uuid(create.id()))
                .setName(create.name())
                .setPartitions(create.partitions())
                .setReplicationFactor(create.replicationFactor())
                .addAllAssignments(assignments(create.assignments()))
                .putAllConfigs(create.configs())
                .build();
    }

    private static CreateTopic createTopic(CreateTopicMessage create) {
        return new CreateTopic(
                uuid(create.getId()),
                create.getName(),
                create.getPartitions(),
                create.getReplicationFactor(),
                nodes(create.getAssignmentsList()),
                create.getConfigsMap());
    }

    private static CreatePartitions createPartitions(CreatePartitionsMessage create) {
        return new CreatePartitions(
                create.getTopic(), create.getTotal(), nodes(create.getAssignmentsList()));
    }

    private static ChangeConfigMessage changeConfig(ChangeConfig change) {
        var message =
                ChangeConfigMessage.newBuilder()
                        .setResourceType(change.resource().type().id())
                        .setResourceName(change.resource().name());
        change.changes()
                .forEach((key, value) ->
                        value.ifPresentOrElse(
                                set -> message.putSet(key, set), () -> message.addRemoved(key)));
        return message.build();
    }

    private static ChangeConfig changeConfig(ChangeConfigMessage change) {
        Map<String, Optional<String>> changes = new HashMap<>();
        change.getSetMap().forEach((key, value) -> changes.put(key, Optional.of(value)));
        change.getRemovedList().forEach(key -> changes.put(key, Optional.empty()));
        return new ChangeConfig(
                new ConfigResource(
                        ConfigResource.Type.ofId(change.getResourceType()),
                        change.getResourceName()),
                changes);
    }

    private static SetFeatureLevel setFeatureLevel(SetFeatureLevelMessage set) {
        if (set.getLevel() != (short) set.getLevel()) {
            throw new IllegalArgumentException("a feature's level is out of range");
        }
        return new SetFeatureLevel(set.getName(), (short) set.getLevel());
    }

    private static RegisterNodeMessage registerNode(RegisterNode register) {
        NodeImage node = register.node();
        Registration registration = node.registration();
        return RegisterNodeMessage.newBuilder()
                .setId(node.id())
                .setHost(node.host())
                .setPort(node.port())
                .setRack(node.rack())
                .setEpoch(registration.epoch())
                .setIncarnation(uuid(registration.incarnation()))
                .setDirectory(uuid(registration.directory()))
                .setFenced(registration.fenced())
                .setShuttingDown(registration.shuttingDown())
                .setTailLost(register.tailLost())
                .build();
    }

    private static RegisterNode registerNode(RegisterNodeMessage register) {
        var registration =
                new Registration(
                        register.getEpoch(),
                        uuid(register.getIncarnation()),
                        uuid(register.getDirectory()),
                        register.getFenced(),
                        register.getShuttingDown());
        return new RegisterNode(
                new NodeImage(
                        register.getId(),
                        register.getHost(),
                        register.getPort(),
                        register.getRack(),
                        registration),
                register.getTailLost());
    }

    private static ChangeNode changeNode(ChangeNodeMessage change) {
        return new ChangeNode(
                change.getNode(),
                change.getNodeEpoch(),
                change.getFenced(),
                change.getShuttingDown());
    }

    private static AlterPartitionMessage alterPartition(AlterPartition alter) {
        return AlterPartitionMessage.newBuilder()
                .setNode(alter.node())
                .setNodeEpoch(alter.nodeEpoch())
                .setTopicId(uuid(alter.topicId()))
                .setIndex(alter.index())
                .setLeaderEpoch(alter.leaderEpoch())
                .setPartitionEpoch(alter.partitionEpoch())
                .addAllInSync(alter.inSync())
                .addAllInSyncEpochs(alter.inSyncEpochs())
                .build();
    }

    private static AlterPartition alterPartition(AlterPartitionMessage alter) {
        return new AlterPartition(
                alter.getNode(),
                alter.getNodeEpoch(),
                uuid(alter.getTopicId()),
                alter.getIndex(),
                alter.getLeaderEpoch(),
                alter.getPartitionEpoch(),
                List.copyOf(alter.getInSyncList()),
                List.copyOf(alter.getInSyncEpochsList()));
    }

    private static ReplicaFailed replicaFailed(ReplicaFailedMessage failed) {
        return new ReplicaFailed(
                failed.getNode(),
                failed.getNodeEpoch(),
                uuid(failed.getTopicId()),
                failed.getIndex());
    }

    private static ElectLeader electLeader(ElectLeaderMessage elect) {
        return new ElectLeader(elect.getTopic(), elect.getIndex(), elect.getUnclean());
    }

    private static ReassignMessage reassign(Reassign reassign) {
        var message =
                ReassignMessage.newBuilder().setTopic(reassign.topic()).setIndex(reassign.index());
        reassign.target().ifPresent(target -> message.setTarget(replicas(target)));
        return message.build();
    }

    private static Reassign reassign(ReassignMessage reassign) {
        return new Reassign(
                reassign.getTopic(),
                reassign.getIndex(),
                reassign.hasTarget()
                        ? Optional.of(List.copyOf(reassign.getTarget().getNodesList()))
                        : Optional.empty());
    }

    private static ReplicasMessage replicas(List<Integer> nodes) {
        return ReplicasMessage.newBuilder().addAllNodes(nodes).build();
    }

    private static List<ReplicasMessage> assignments(List<List<Integer>> assignments) {
        return assignments.stream().map(CommandCodec::replicas).toList();
    }

    private static List<List<Integer>> nodes(List<ReplicasMessage> assignments) {
        return assignments.stream()
                .<List<Integer>>map(replicas -> List.copyOf(replicas.getNodesList()))
                .toList();
    }

    private static UuidMessage uuid(UUID id) {
        return UuidMessage.newBuilder()
                .setMost(id.getMostSignificantBits())
                .setLeast(id.getLeastSignificantBits())
                .build();
    }

    private static UUID uuid(UuidMessage id) {
        return new UUID(id.getMost(), id.getLeast());
    }
}
