package io.millrace.cluster.controller;

import io.millrace.cluster.controller.Command.AlterPartition;
import io.millrace.cluster.controller.Command.ElectLeader;
import io.millrace.cluster.controller.Command.Reassign;
import io.millrace.cluster.controller.Command.ReplicaFailed;
import io.millrace.cluster.controller.Decision.Accepted;
import io.millrace.cluster.controller.Decision.Reason;
import io.millrace.cluster.controller.Decision.Refused;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.NodeIds;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.metadata.Records;
import io.millrace.cluster.metadata.TopicImage;
import io.millrace.cluster.proto.MetadataRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Decides who is in sync, who leads and who holds a partition. Stateless. */
record PartitionChanges(ClusterImage image, Policy defaults, HeldPartitions held) {
    Election election(TopicImage topic) {
        return new Election(image::isActive, defaults.of(image, topic.name()));
    }

    /** A leader's wish about who is in sync. */
    Decision alter(AlterPartition alter) {
        TopicImage topic = image.topic(alter.topicId());
        PartitionImage partition = image.partition(alter.topicId(), alter.index());
        if (topic == null || partition == null) {
            return new Refused(Reason.UNKNOWN_TOPIC_ID, "there is no such partition");
        }
        if (!isNewest(alter.node(), alter.nodeEpoch())) {
            return new Refused(Reason.STALE_NODE_EPOCH, "the node was registered again since");
        }
        if (partition.leader() != alter.node() || partition.leaderEpoch() != alter.leaderEpoch()) {
            return new Refused(Reason.FENCED_LEADER_EPOCH, "another leads in a later epoch");
        }
        if (partition.partitionEpoch() != alter.partitionEpoch()) {
            return new Refused(Reason.INVALID_UPDATE_VERSION, "the partition was changed since");
        }
        Refused refused = checkMembers(partition, alter);
        if (refused != null) {
            return refused;
        }
        Election election = election(topic);
        PartitionImage changed = election.members(partition, NodeIds.of(alter.inSync()));
        return accept(topic, partition, election.completeReassignment(changed));
    }

    private boolean isNewest(int id, long epoch) {
        NodeImage node = image.nodes().get(id);
        return node != null && node.registration().epoch() == epoch;
    }

    /**
     * A replica's log has failed. What it had acknowledged is on its disk, so that it stays
     * eligible; and it keeps the partition if nobody else may lead.
     */
    Decision failed(ReplicaFailed failed) {
        TopicImage topic = image.topic(failed.topicId());
        PartitionImage partition = image.partition(failed.topicId(), failed.index());
        if (topic == null || partition == null) {
            return new Refused(Reason.UNKNOWN_TOPIC_ID, "there is no such partition");
        }
        int node = failed.node();
        if (!isNewest(node, failed.nodeEpoch())) {
            return new Refused(Reason.STALE_NODE_EPOCH, "the node was registered again since");
        }
        if (!partition.inSyncReplicas().has(node)) {
            return new Accepted(List.of());
        }
        Policy policy = defaults.of(image, topic.name());
        var others = new Election(id -> id != node && image.isActive(id), policy);
        PartitionImage after =
                policy.uncleanElection()
                        ? others.electUnclean(partition)
                        : others.settle(partition);
        return after.leader() == PartitionImage.NO_LEADER
                ? new Refused(Reason.ELIGIBLE_LEADERS_NOT_AVAILABLE, "no other replica may lead")
                : accept(topic, partition, after);
    }

    private @Nullable Refused checkMembers(PartitionImage partition, AlterPartition alter) {
        List<Integer> inSync = alter.inSync();
        boolean legal =
                inSync.contains(alter.node())
                        && partition.replicas().containsAll(inSync)
                        && new HashSet<>(inSync).size() == inSync.size();
        if (!legal) {
            return new Refused(
                    Reason.INVALID_REQUEST,
                    "the in-sync replicas %s are not some of %s with the leader %d"
                            .formatted(inSync, partition.replicas(), alter.node()));
        }
        for (int i = 0; i < inSync.size(); i++) {
            NodeImage member = image.nodes().get(inSync.get(i));
            boolean stale =
                    !alter.inSyncEpochs().isEmpty()
                            && member != null
                            && alter.inSyncEpochs().get(i) >= 0
                            && alter.inSyncEpochs().get(i) != member.registration().epoch();
            boolean joins = !partition.inSyncReplicas().has(inSync.get(i));
            if (member == null || stale || joins && !member.isActive()) {
                return new Refused(
                        Reason.INELIGIBLE_REPLICA,
                        "node %d is fenced, shutting down or started again since"
                                .formatted(inSync.get(i)));
            }
        }
        return null;
    }

    /** An election that somebody asked for. */
    Decision elect(ElectLeader elect) {
        TopicImage topic = image.topic(elect.topic());
        PartitionImage partition =
                topic == null ? null : image.partition(topic.id(), elect.index());
        if (topic == null || partition == null) {
            return new Refused(Reason.UNKNOWN_TOPIC, "there is no such partition");
        }
        Election election = election(topic);
        if (elect.unclean()) {
            if (partition.leader() != PartitionImage.NO_LEADER) {
                return new Refused(Reason.ELECTION_NOT_NEEDED, "the partition has a leader");
            }
            PartitionImage led = election.electUnclean(partition);
            return led.leader() == PartitionImage.NO_LEADER
                    ? new Refused(
                            Reason.ELIGIBLE_LEADERS_NOT_AVAILABLE, "no replica is there to lead")
                    : accept(topic, partition, led);
        }
        if (partition.leader() == partition.replicas().get(0)) {
            return new Refused(Reason.ELECTION_NOT_NEEDED, "the preferred replica leads");
        }
        PartitionImage led = election.prefer(partition);
        return led.equals(partition)
                ? new Refused(
                        Reason.PREFERRED_LEADER_NOT_AVAILABLE,
                        "the preferred replica is not in sync")
                : accept(topic, partition, led);
    }

    /** Other replicas for a partition, or an end of such a change. */
    Decision reassign(Reassign reassign) {
        TopicImage topic = image.topic(reassign.topic());
        PartitionImage partition =
                topic == null ? null : image.partition(topic.id(), reassign.index());
        if (topic == null || partition == null) {
            return new Refused(Reason.UNKNOWN_TOPIC, "there is no such partition");
        }
        return reassign.target().isEmpty()
                ? cancel(topic, partition)
                : move(topic, partition, reassign.target().get());
    }

    private Decision move(TopicImage topic, PartitionImage partition, List<Integer> target) {
        String problem = Controller.problem(image, target);
        if (problem != null) {
            return new Refused(Reason.INVALID_REPLICA_ASSIGNMENT, problem);
        }
        // Those of before a reassignment that is still going on, so that it can be taken back.
        NodeIds before = partition.replicas().minus(partition.adding());
        NodeIds wanted = NodeIds.of(target);
        NodeIds all = wanted.plus(before);
        PartitionImage moving =
                partition.withReplicas(all, wanted.minus(before), before.minus(wanted));
        NodeIds inSync = partition.inSyncReplicas().only(all::has);
        if (inSync.isEmpty()) {
            return new Refused(
                    Reason.INVALID_REPLICA_ASSIGNMENT, "no replica that stays is in sync");
        }
        Election election = election(topic);
        PartitionImage changed =
                election.settle(moving.withMembers(inSync, partition.eligible().only(all::has)));
        return accept(topic, partition, election.completeReassignment(changed));
    }

    private Decision cancel(TopicImage topic, PartitionImage partition) {
        if (!partition.isReassigned()) {
            return new Refused(Reason.NO_REASSIGNMENT_IN_PROGRESS, "no reassignment is going on");
        }
        NodeIds before = partition.replicas().minus(partition.adding());
        NodeIds inSync = partition.inSyncReplicas().only(before::has);
        if (inSync.isEmpty()) {
            return new Refused(
                    Reason.INVALID_REPLICA_ASSIGNMENT,
                    "only replicas that were added are in sync: it cannot be taken back");
        }
        PartitionImage back =
                partition
                        .withReplicas(before, NodeIds.none(), NodeIds.none())
                        .withMembers(inSync, partition.eligible().only(before::has));
        return accept(topic, partition, election(topic).settle(back));
    }

    private static Decision accept(TopicImage topic, PartitionImage before, PartitionImage after) {
        return after.equals(before)
                ? new Accepted(List.of())
                : new Accepted(List.of(Records.partitionChanged(topic.id(), after.after(before))));
    }

    /** What a node's coming or going does to partitions that it holds. */
    List<MetadataRecord> settle(int node) {
        return forEachHeldBy(node, Election::settle);
    }

    /** The same, for a node of which is not known what it still has. */
    List<MetadataRecord> settleWithoutLost(int node) {
        return forEachHeldBy(node, (election, it) -> election.withoutLost(it, node));
    }

    /** A change of one partition by the rules in force for it. */
    private interface Change {
        PartitionImage of(Election election, PartitionImage partition);
    }

    private List<MetadataRecord> forEachHeldBy(int node, Change change) {
        var records = new ArrayList<MetadataRecord>();
        var elections = new HashMap<UUID, Election>();
        held.forEach(
                image,
                node,
                (topic, partition) -> {
                    Election election = elections.computeIfAbsent(topic.id(), _ -> election(topic));
                    PartitionImage after = change.of(election, partition);
                    add(records, topic, partition, cleanOrNot(election, after));
                });
        return records;
    }

    private static PartitionImage cleanOrNot(Election election, PartitionImage settled) {
        return election.policy().uncleanElection() && settled.leader() == PartitionImage.NO_LEADER
                ? election.electUnclean(settled)
                : settled;
    }

    /**
     * Has those lead that may where nobody does. Nothing, unless a controller was cut off while a
     * node came, or a setting was changed. Looks at every partition, if any is not led.
     */
    List<MetadataRecord> leaderless() {
        var records = new ArrayList<MetadataRecord>();
        if (image.leaderlessCount() == 0) {
            return records;
        }
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                if (partition.leader() == PartitionImage.NO_LEADER) {
                    Election election = election(topic);
                    add(
                            records,
                            topic,
                            partition,
                            cleanOrNot(election, election.settle(partition)));
                }
            }
        }
        return records;
    }

    /** Adds the record of a change, if it is one. */
    static void add(
            List<MetadataRecord> records,
            TopicImage topic,
            PartitionImage before,
            PartitionImage after) {
        if (!after.equals(before)) {
            records.add(Records.partitionChanged(topic.id(), after.after(before)));
        }
    }

    /** Nobody is eligible any more where the number that has to be in sync changes. */
    List<MetadataRecord> forgetEligible(Collection<TopicImage> topics) {
        var records = new ArrayList<MetadataRecord>();
        for (TopicImage topic : topics) {
            for (PartitionImage partition : topic.partitions()) {
                add(
                        records,
                        topic,
                        partition,
                        partition.withMembers(partition.inSyncReplicas(), NodeIds.none()));
            }
        }
        return records;
    }
}
