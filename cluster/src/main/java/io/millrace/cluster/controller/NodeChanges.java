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
import java.util.function.Function;

/**
 * Decides about the life of nodes, and what follows for the partitions that they hold. Stateless.
 */
record NodeChanges(ClusterImage image, Policy defaults) {
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
        long epoch =
                known == null
                        ? image.endOffset()
                        : Math.max(image.endOffset(), known.registration().epoch() + 1);
        NodeImage registered =
                node.with(
                        new Registration(
                                epoch,
                                node.registration().incarnation(),
                                node.registration().directory(),
                                node.registration().fenced(),
                                false));
        return change(
                Records.nodeRegistered(registered),
                partitions ->
                        otherDisk || known != null && register.tailLost()
                                ? partitions.settleWithoutLost(node.id())
                                : partitions.settle(node.id()));
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
        return change(
                Records.nodeChanged(change.node(), change.fenced(), change.shuttingDown()),
                partitions -> partitions.settle(change.node()));
    }

    /** A node is forgotten, and that it was emptied: the next of its id begins anew. */
    Decision unregister(int node) {
        return image.nodes().containsKey(node)
                ? change(Records.nodeUnregistered(node), partitions -> forgotten(partitions, node))
                : unknown(node);
    }

    private List<MetadataRecord> forgotten(PartitionChanges partitions, int node) {
        List<MetadataRecord> records = partitions.settleWithoutLost(node);
        Set<String> drained = new TreeSet<>(DrainedNodes.of(image));
        if (drained.remove(Integer.toString(node))) {
            String left = drained.isEmpty() ? null : String.join(",", drained);
            records.add(Records.configChanged(DrainedNodes.RESOURCE, DrainedNodes.KEY, left));
        }
        return records;
    }

    private static Refused unknown(int node) {
        return new Refused(
                Reason.UNKNOWN_NODE, "Broker ID %d is not currently registered".formatted(node));
    }

    /** A change of a node, and what it does to partitions. */
    private Decision change(
            MetadataRecord record, Function<PartitionChanges, List<MetadataRecord>> effects) {
        ClusterImage after = new ImageBuilder(image).apply(record).build(image.endOffset());
        var records = new ArrayList<MetadataRecord>();
        records.add(record);
        records.addAll(effects.apply(new PartitionChanges(after, defaults)));
        return new Accepted(records);
    }
}
