package io.millrace.cluster.metadata;

/**
 * How many partitions a node has to do with, for the controller, which would otherwise count them.
 *
 * @param holds that it is a replica of
 * @param prefers that it is the first replica of
 * @param leads that it leads
 * @param leadsPreferred that it leads as the first replica
 */
public record NodeLoad(int holds, int prefers, int leads, int leadsPreferred) {
    /** Of a node without any partition. */
    public static final NodeLoad NONE = new NodeLoad(0, 0, 0, 0);

    /** With others added, or taken away where they are negative. */
    NodeLoad plus(NodeLoad other) {
        return new NodeLoad(
                holds + other.holds,
                prefers + other.prefers,
                leads + other.leads,
                leadsPreferred + other.leadsPreferred);
    }
}
