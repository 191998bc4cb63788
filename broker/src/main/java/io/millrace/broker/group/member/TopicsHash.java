package io.millrace.broker.group.member;

import io.millrace.broker.group.ClusterView;
import java.util.Collection;
import java.util.TreeSet;

/**
 * A digest of topics: their ids, their partitions and the racks of those. Differs when anything
 * differs that an assignment was made from. Stateless.
 */
public final class TopicsHash {
    private static final long SEED = 0x9E3779B97F4A7C15L;

    private TopicsHash() {}

    /** Of those topics that exist; 0 if none does. */
    public static long of(Collection<String> names, ClusterView cluster) {
        long hash = 0;
        for (String name : new TreeSet<>(names)) {
            ClusterView.Topic topic = cluster.topic(name);
            if (topic != null) {
                hash = mix(hash ^ topic.id().getMostSignificantBits());
                hash = mix(hash ^ topic.id().getLeastSignificantBits());
                hash = mix(hash ^ topic.partitions());
                hash = mix(hash ^ topic.racks());
            }
        }
        return hash;
    }

    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L + SEED;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
