package io.millrace.broker.group.assign;

import io.millrace.broker.group.assign.Assignor.Candidate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One computation of {@link UniformAssignor}: members keep what they had up to an equal share, the
 * rest goes to whoever has least, and then partitions move from those with more to those with less
 * until nothing gets better. Used once.
 */
final class Balance {
    private static final Comparator<Share> LEAST_FIRST =
            Comparator.comparingInt(Share::count).thenComparing(Share::id);

    private final SortedMap<String, Candidate> members;
    private final Map<String, Share> shares = new TreeMap<>();
    private final Map<Set<UUID>, TreeSet<Share>> likeMinded = new HashMap<>();
    private final Map<UUID, List<TreeSet<Share>>> takers = new TreeMap<>();
    private final Map<UUID, @Nullable Share[]> owners = new HashMap<>();

    /** What one member has so far. Changed only while it is out of its queue. */
    private static final class Share {
        final String id;
        final Set<UUID> topics;
        final Set<Slot> held = new HashSet<>();

        Share(String id, Set<UUID> topics) {
            this.id = id;
            this.topics = topics;
        }

        String id() {
            return id;
        }

        int count() {
            return held.size();
        }
    }

    private record Slot(UUID topic, int partition) {}

    Balance(SortedMap<String, Candidate> members, Map<UUID, Integer> topics) {
        this.members = members;
        members.forEach((id, member) -> shares.put(id, new Share(id, member.topics())));
        for (Share share : shares.values()) {
            likeMinded.computeIfAbsent(share.topics, key -> new TreeSet<>(LEAST_FIRST)).add(share);
        }
        likeMinded.forEach((wanted, queue) -> {
            for (UUID topic : wanted) {
                takers.computeIfAbsent(topic, key -> new ArrayList<>()).add(queue);
            }
        });
        takers.keySet()
                .forEach(topic -> owners.put(topic, new Share[topics.getOrDefault(topic, 0)]));
    }

    /**
     * Where all want the same, nobody keeps more than an equal share; otherwise an equal share is
     * not known yet, and members keep all that they still want.
     */
    void keepCurrent() {
        int total = owners.values().stream().mapToInt(slots -> slots.length).sum();
        boolean alike = likeMinded.size() == 1;
        int quota = alike ? total / shares.size() : Integer.MAX_VALUE;
        int larger = alike ? total % shares.size() : 0;
        for (Share share : shares.values()) {
            Candidate member = members.get(share.id);
            if (member == null) {
                continue;
            }
            int most = larger > 0 ? quota + 1 : quota;
            member.current()
                    .forEach((topic, partition) -> {
                        if (share.count() < most && isFree(share, topic, partition)) {
                            take(share, new Slot(topic, partition));
                        }
                    });
            if (share.count() > quota) {
                larger--;
            }
        }
    }

    private boolean isFree(Share share, UUID topic, int partition) {
        @Nullable Share[] slots = owners.get(topic);
        return slots != null
                && share.topics.contains(topic)
                && partition < slots.length
                && slots[partition] == null;
    }

    private void take(Share share, Slot slot) {
        Set<Share> queue = queue(share);
        queue.remove(share);
        share.held.add(slot);
        queue.add(share);
        @Nullable Share[] slots = owners.get(slot.topic());
        if (slots != null) {
            slots[slot.partition()] = share;
        }
    }

    private void give(Share share, Slot slot) {
        Set<Share> queue = queue(share);
        queue.remove(share);
        share.held.remove(slot);
        queue.add(share);
    }

    private Set<Share> queue(Share share) {
        Set<Share> queue = likeMinded.get(share.topics);
        if (queue == null) {
            throw new IllegalStateException("member " + share.id + " has no queue");
        }
        return queue;
    }

    /** Topics that few want first, so that those who want little are not left without. */
    void giveOut() {
        for (UUID topic : byTakers()) {
            @Nullable Share[] slots = owners.getOrDefault(topic, new Share[0]);
            for (int partition = 0; partition < slots.length; partition++) {
                if (slots[partition] == null) {
                    take(least(topic), new Slot(topic, partition));
                }
            }
        }
    }

    private List<UUID> byTakers() {
        var order = new ArrayList<>(takers.keySet());
        Comparator<UUID> few =
                Comparator.comparingInt(topic ->
                        takers.getOrDefault(topic, List.of()).stream().mapToInt(Set::size).sum());
        order.sort(few.thenComparing(Comparator.naturalOrder()));
        return order;
    }

    private Share least(UUID topic) {
        return takers.getOrDefault(topic, List.of()).stream()
                .map(TreeSet::first)
                .min(LEAST_FIRST)
                .orElseThrow();
    }

    /** Each move brings two members nearer to each other, so this ends. */
    void even() {
        boolean moved = likeMinded.size() > 1;
        while (moved) {
            moved = false;
            for (UUID topic : takers.keySet()) {
                moved |= even(topic, owners.getOrDefault(topic, new Share[0]));
            }
        }
    }

    private boolean even(UUID topic, @Nullable Share[] slots) {
        boolean moved = false;
        for (int partition = 0; partition < slots.length; partition++) {
            Share owner = slots[partition];
            Share least = least(topic);
            if (owner != null && owner.count() > least.count() + 1) {
                var slot = new Slot(topic, partition);
                give(owner, slot);
                take(least, slot);
                moved = true;
            }
        }
        return moved;
    }

    Map<String, Partitions> result() {
        var result = new HashMap<String, Partitions>();
        for (Share share : shares.values()) {
            var mine = new Partitions.Builder();
            share.held.forEach(slot -> mine.add(slot.topic(), slot.partition()));
            result.put(share.id, mine.build());
        }
        return result;
    }
}
