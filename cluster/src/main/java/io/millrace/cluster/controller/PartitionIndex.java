package io.millrace.cluster.controller;

import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ImageBuilder;
import io.millrace.cluster.metadata.NodeIds;
import io.millrace.cluster.metadata.NodeLoad;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.metadata.TopicImage;
import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.cluster.proto.Partition;
import io.millrace.cluster.proto.PartitionChanged;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Where the partitions of each node are, so that what a node's coming or going changes is found
 * without looking at all others. Only the active controller has one. Used by one thread.
 *
 * <p>It holds every partition that a node has, or had, or was to have: what is shown is looked up
 * in an image first. So it may be told of what is decided before that is committed, and nothing has
 * to be taken back when it is not. Once most of it is of the past, it is time for another.
 */
public final class PartitionIndex implements HeldPartitions {
    private static final int SPARE = 100_000;

    private final Map<UUID, Integer> numbers = new HashMap<>();

    /** The topics by their number here. */
    private final List<UUID> topics = new ArrayList<>();

    private final Map<Integer, Places> byNode = new HashMap<>();
    private long placeCount;

    /** Numbers of topics and indexes of partitions: eight bytes each, as there are millions. */
    private static final class Places {
        private long[] places;
        private int count;

        Places(int expected) {
            places = new long[Math.max(1, expected)];
        }

        void add(int topic, int index) {
            if (count == places.length) {
                places = Arrays.copyOf(places, places.length + places.length / 2 + 1);
            }
            places[count++] = (long) topic << Integer.SIZE | index;
        }

        long[] sorted() {
            long[] all = Arrays.copyOf(places, count);
            Arrays.sort(all);
            return all;
        }
    }

    /** All that an image has. Looks at every partition. */
    public PartitionIndex(ClusterImage image) {
        image.loads()
                .forEach((Integer node, NodeLoad load) ->
                        byNode.put(node, new Places(load.holds())));
        for (TopicImage topic : image.topics()) {
            int number = numberOf(topic.id());
            for (PartitionImage partition : topic.partitions()) {
                addAll(number, partition.index(), partition.replicas());
            }
        }
    }

    /**
     * Tells what is decided.
     *
     * @param image that it was decided by
     */
    public void add(ClusterImage image, List<MetadataRecord> records) {
        for (MetadataRecord record : records) {
            switch (record.getChangeCase()) {
                case TOPIC_CREATED -> {
                    var created = record.getTopicCreated();
                    add(ImageBuilder.uuid(created.getTopicId()), 0, created.getPartitionsList());
                }
                case PARTITIONS_ADDED -> {
                    var added = record.getPartitionsAdded();
                    UUID id = ImageBuilder.uuid(added.getTopicId());
                    TopicImage topic = image.topic(id);
                    int first = topic == null ? 0 : topic.partitions().size();
                    add(id, first, added.getPartitionsList());
                }
                case PARTITION_CHANGED -> change(image, record.getPartitionChanged());
                default -> {}
            }
        }
    }

    private void add(UUID topic, int first, List<Partition> partitions) {
        int number = numberOf(topic);
        for (int i = 0; i < partitions.size(); i++) {
            addAll(number, first + i, NodeIds.of(partitions.get(i).getReplicasList()));
        }
    }

    private void change(ClusterImage image, PartitionChanged changed) {
        UUID id = ImageBuilder.uuid(changed.getTopicId());
        PartitionImage before = image.partition(id, changed.getIndex());
        NodeIds replicas = NodeIds.of(changed.getPartition().getReplicasList());
        NodeIds added = before == null ? replicas : replicas.minus(before.replicas());
        if (!added.isEmpty()) {
            addAll(numberOf(id), changed.getIndex(), added);
        }
    }

    private int numberOf(UUID topic) {
        Integer known = numbers.putIfAbsent(topic, topics.size());
        if (known != null) {
            return known;
        }
        topics.add(topic);
        return topics.size() - 1;
    }

    private void addAll(int topic, int index, NodeIds nodes) {
        for (int i = 0; i < nodes.size(); i++) {
            byNode.computeIfAbsent(nodes.at(i), _ -> new Places(1)).add(topic, index);
        }
        placeCount += nodes.size();
    }

    /** Whether most of it is of the past. */
    public boolean isStale(ClusterImage image) {
        if (placeCount <= SPARE) {
            return false;
        }
        long held = image.loads().values().stream().mapToLong(NodeLoad::holds).sum();
        return placeCount > 2 * held + SPARE;
    }

    @Override
    public void forEach(ClusterImage image, int node, Visitor visitor) {
        Places places = byNode.get(node);
        if (places == null) {
            return;
        }
        long last = -1;
        for (long place : places.sorted()) {
            TopicImage topic = image.topic(topics.get((int) (place >>> Integer.SIZE)));
            int index = (int) place;
            if (place != last && topic != null && index < topic.partitions().size()) {
                PartitionImage partition = topic.partitions().get(index);
                if (partition.replicas().has(node)) {
                    visitor.visit(topic, partition);
                }
            }
            last = place;
        }
    }
}
