package io.millrace.bench.controller;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Which brokers and topics a cluster has. Pure: the same seed gives the same replicas.
 *
 * @param brokers with the ids from 1
 * @param partitions of all topics
 */
record ClusterShape(int brokers, int partitions) {
    /** The broker that leads more than its share. */
    static final int BUSY = 1;

    private static final int MOST_BUSY_LEADERS = 10_000;
    private static final int REPLICAS = 3;
    static final int USUAL_PARTITIONS = 100;
    private static final int RACKS = 3;
    private static final int TENTH = 10;
    private static final long SEED = 1;

    /** Partitions of each topic: one has a tenth of all, the others a hundred. */
    List<Integer> topics() {
        var sizes = new ArrayList<Integer>();
        sizes.add(largestTopic());
        for (int left = partitions - sizes.getFirst(); left > 0; left -= USUAL_PARTITIONS) {
            sizes.add(Math.min(USUAL_PARTITIONS, left));
        }
        return sizes;
    }

    int largestTopic() {
        return Math.max(1, partitions / TENTH);
    }

    /** How many partitions the busy broker leads: 10,000, or a tenth of all. */
    int busyLeaders() {
        return Math.min(MOST_BUSY_LEADERS, partitions / TENTH);
    }

    String rack(int broker) {
        return "rack-" + broker % RACKS;
    }

    /** The replicas of every topic's partitions; the busy broker leads some of each topic. */
    List<List<List<Integer>>> replicas() {
        var random = new Random(SEED);
        var all = new ArrayList<List<List<Integer>>>();
        long before = 0;
        for (int size : topics()) {
            var topic = new ArrayList<List<Integer>>(size);
            for (int i = 0; i < size; i++, before++) {
                boolean busy =
                        (before + 1) * busyLeaders() / partitions
                                > before * busyLeaders() / partitions;
                topic.add(replicas(random, busy));
            }
            all.add(topic);
        }
        return all;
    }

    private List<Integer> replicas(Random random, boolean busy) {
        var replicas = new ArrayList<Integer>(REPLICAS);
        replicas.add(busy ? BUSY : anyOther(random));
        while (replicas.size() < REPLICAS) {
            int broker = anyOther(random);
            if (!replicas.contains(broker)) {
                replicas.add(broker);
            }
        }
        return replicas;
    }

    private int anyOther(Random random) {
        return BUSY + 1 + random.nextInt(brokers - 1);
    }
}
