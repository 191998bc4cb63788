package io.millrace.cluster.controller;

import io.millrace.cluster.controller.Command.ChangeNode;
import io.millrace.cluster.controller.Command.RegisterNode;
import io.millrace.cluster.controller.Decision.Accepted;
import io.millrace.cluster.controller.Decision.Reason;
import io.millrace.cluster.controller.Decision.Refused;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ImageBuilder;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.NodeImage.Registration;
import io.millrace.cluster.metadata.Records;
import io.millrace.cluster.proto.MetadataRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Decides about the life of nodes, and what follows for the partitions that they hold. Stateless.
 *
 * <p>What is decided may be committed in {@link Pieces}, and another controller may take over after
 * any of them. A node that goes is recorded as gone after its partitions have left it: until then
 * it is due to go still. A node that comes is recorded first, since only who takes part may lead;
 * what is missing then is a leader, which {@link PartitionChanges#leaderless} finds.
 */
record NodeChanges(ClusterImage image, Policy defaults, HeldPartitions held) {
    /**
     * A node starts. One that is known and took part until now is dead if this one has its data
     * folder, which only one process can have; else it is another with the same id.
     */
    Decision register(RegisterNode register) {
        NodeImage node = register.node();
        NodeImage known = image.nodes().get(node.id());
        if (known != null && isSame(known, node)) {
            return new Accepted(List.of());
        }
        boolean otherDisk = known != null && !sameDirectory(known, node);
        if (known != null && otherDisk && !known.registration().fenced()) {
            return new Refused(
                    Reason.DUPLICATE_NODE,
                    "another node with id %d and another data folder takes part"
                            .formatted(node.id()));
        }
        boolean lost = otherDisk || known != null && register.tailLost();
        NodeImage after = node.with(node.registration().fenced(), false);
        List<MetadataRecord> records = leaving(after, lost);
        // Where its own record will be: who has more of the metadata than that has it.
        long offset = image.endOffset() + records.size();
        long epoch = known == null ? offset : Math.max(offset, known.registration().epoch() + 1);
        NodeImage registered =
                node.with(
                        new Registration(
                                epoch,
                                node.registration().incarnation(),
                                node.registration().directory(),
                                node.registration().fenced(),
                                false));
        return around(records, Records.nodeRegistered(registered), registered);
    }

    /** Whether a node that begins unfenced, the only one, is what it was. */
    private static boolean isSame(NodeImage known, NodeImage node) {
        Registration was = known.registration();
        Registration is = node.registration();
        return known.with(is).equals(node)
                && !was.shuttingDown()
                && was.fenced() == is.fenced()
                && was.incarnation().equals(is.incarnation())
                && was.directory().equals(is.directory());
    }

    private static boolean sameDirectory(NodeImage known, NodeImage node) {
        return known.registration().directory().equals(node.registration().directory());
    }

    /** A node is heard of, silent, or about to stop. */
    Decision change(ChangeNode change) {
        NodeImage known = image.nodes().get(change.node());
        if (known == null) {
            return unknown(change.node());
        }
        if (known.registration().epoch() != change.nodeEpoch()) {
            return new Refused(Reason.STALE_NODE_EPOCH, "the node was registered again since");
        }
        if (known.registration().fenced() == change.fenced()
                && known.registration().shuttingDown() == change.shuttingDown()) {
            return new Accepted(List.of());
        }
        NodeImage after = known.with(change.fenced(), change.shuttingDown());
        return around(
                leaving(after, false),
                Records.nodeChanged(change.node(), change.fenced(), change.shuttingDown()),
                after);
    }

    /** A node is forgotten, and that it was emptied: the next of its id begins anew. */
    Decision unregister(int node) {
        NodeImage known = image.nodes().get(node);
        if (known == null) {
            return unknown(node);
        }
        NodeImage after = known.with(true, false);
        var records = new ArrayList<>(leaving(after, true));
        records.addAll(drainForgotten(node));
        return around(records, Records.nodeUnregistered(node), after);
    }

    private List<MetadataRecord> drainForgotten(int node) {
        Set<String> drained = new TreeSet<>(DrainedNodes.of(image));
        if (!drained.remove(Integer.toString(node))) {
            return List.of();
        }
        String left = drained.isEmpty() ? null : String.join(",", drained);
        return List.of(Records.configChanged(DrainedNodes.RESOURCE, DrainedNodes.KEY, left));
    }

    private static Refused unknown(int node) {
        return new Refused(
                Reason.UNKNOWN_NODE, "Broker ID %d is not currently registered".formatted(node));
    }

    /**
     * What a node's going does to partitions; nothing if it does not go.
     *
     * @param lost whether it is not known what it still has: then it goes first, whatever it is
     *     afterwards
     */
    private List<MetadataRecord> leaving(NodeImage after, boolean lost) {
        if (lost) {
            return partitions(image, after.with(true, false)).settleWithoutLost(after.id());
        }
        return after.isActive() ? List.of() : partitions(image, after).settle(after.id());
    }

    /** What goes before the change of a node, the change, and what its coming does. */
    private Decision around(List<MetadataRecord> leaving, MetadataRecord change, NodeImage after) {
        var records = new ArrayList<>(leaving);
        records.add(change);
        if (after.isActive()) {
            var builder = new ImageBuilder(image);
            leaving.forEach(builder::apply);
            ClusterImage left = builder.build(image.endOffset());
            records.addAll(partitions(left, after).settle(after.id()));
        }
        return new Accepted(records);
    }

    private PartitionChanges partitions(ClusterImage before, NodeImage node) {
        ClusterImage with =
                new ImageBuilder(before)
                        .apply(Records.nodeRegistered(node))
                        .apply(
                                Records.nodeChanged(
                                        node.id(),
                                        node.registration().fenced(),
                                        node.registration().shuttingDown()))
                        .build(before.endOffset());
        return new PartitionChanges(with, defaults, held);
    }
}
