package io.millrace.cluster.controller;

import io.millrace.cluster.controller.Command.ChangeConfig;
import io.millrace.cluster.controller.Command.Reassign;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ConfigResource;
import io.millrace.cluster.metadata.ConfigResource.Type;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.metadata.TopicImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Has topics that were made while there were too few nodes get the replicas that they lack, as
 * nodes come. What such a topic is to have it says itself, in two settings that are gone once it
 * has it: who makes it smaller after that has it stay so. Stateless.
 */
public final class Growth {
    /** How many replicas a topic is to have. */
    public static final String REPLICAS = "millrace.grow.replicas";

    /** Its {@code min.insync.replicas} then. */
    public static final String MIN_IN_SYNC = "millrace.grow.min.insync.replicas";

    private Growth() {}

    /** What a topic with fewer replicas than it is to have is made with. */
    public static Map<String, String> settings(int replicas, int minInSync) {
        return Map.of(REPLICAS, Integer.toString(replicas), MIN_IN_SYNC, "" + minInSync);
    }

    /** How many replicas have to be in sync so that one may be lost; two of three. */
    public static int allButOne(int replicas) {
        return Math.clamp(replicas - 1, 1, 2);
    }

    /** What is to be done now; nothing while what was done is under way. */
    public static List<Command> due(ClusterImage image) {
        var commands = new ArrayList<Command>();
        Placement placement = null;
        for (Map.Entry<ConfigResource, SortedMap<String, String>> entry :
                image.configs().entrySet()) {
            TopicImage topic =
                    entry.getKey().type() == Type.TOPIC && entry.getValue().containsKey(REPLICAS)
                            ? image.topic(entry.getKey().name())
                            : null;
            if (topic != null) {
                int wanted = number(entry.getValue(), REPLICAS, 1);
                placement = placement == null ? Placement.growing(image) : placement;
                int before = commands.size();
                grow(commands, topic, wanted, placement);
                if (commands.size() == before) {
                    settle(commands, topic, entry.getValue(), wanted);
                }
            }
        }
        return commands;
    }

    private static void grow(
            List<Command> commands, TopicImage topic, int wanted, Placement placement) {
        for (PartitionImage partition : topic.partitions()) {
            boolean ready =
                    !partition.isReassigned() && partition.leader() != PartitionImage.NO_LEADER;
            if (ready && partition.replicas().size() < wanted) {
                List<Integer> grown = placement.grown(partition.replicas(), wanted);
                if (grown.size() > partition.replicas().size()) {
                    commands.add(new Reassign(topic.name(), partition.index(), Optional.of(grown)));
                }
            }
        }
    }

    /** As many have to be in sync as the replicas are worth, once as many are. */
    private static void settle(
            List<Command> commands,
            TopicImage topic,
            SortedMap<String, String> settings,
            int wanted) {
        int fewest = wanted;
        int fewestInSync = wanted;
        for (PartitionImage partition : topic.partitions()) {
            fewest = Math.min(fewest, partition.target().size());
            fewestInSync = Math.min(fewestInSync, partition.inSyncReplicas().size());
            if (partition.isReassigned()) {
                return;
            }
        }
        boolean whole = fewest == wanted;
        int inTheEnd = number(settings, MIN_IN_SYNC, allButOne(wanted));
        int minimum = whole ? inTheEnd : Math.min(inTheEnd, allButOne(fewest));
        if (fewestInSync < minimum) {
            return;
        }
        var changes = new HashMap<String, Optional<String>>();
        if (number(settings, Policy.MIN_IN_SYNC, 1) < minimum) {
            changes.put(Policy.MIN_IN_SYNC, Optional.of(Integer.toString(minimum)));
        }
        if (whole) {
            changes.put(REPLICAS, Optional.empty());
            changes.put(MIN_IN_SYNC, Optional.empty());
        }
        if (!changes.isEmpty()) {
            commands.add(new ChangeConfig(new ConfigResource(Type.TOPIC, topic.name()), changes));
        }
    }

    private static int number(SortedMap<String, String> settings, String key, int otherwise) {
        String value = settings.get(key);
        return value == null ? otherwise : Integer.parseInt(value.strip());
    }
}
