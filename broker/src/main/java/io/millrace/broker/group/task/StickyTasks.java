package io.millrace.broker.group.task;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Shares tasks out: each member keeps what it had up to an equal share; what is left goes where it
 * was kept warm, else to whoever has least. Replicas of state go to other processes. Used once.
 */
public final class StickyTasks {
    private final SortedMap<String, Candidate> members;
    private final Map<String, Integer> tasks;
    private final Map<String, Share> shares = new TreeMap<>();
    private final Map<Task, String> activeOn = new HashMap<>();

    /** A member, the process that it runs in, and what it was given last. */
    public record Candidate(String process, Tasks current) {}

    private record Task(String subtopology, int partition) {}

    private static final class Share {
        final String id;
        final String process;
        final Set<Task> active = new HashSet<>();
        final Set<Task> standby = new HashSet<>();

        Share(String id, String process) {
            this.id = id;
            this.process = process;
        }

        int count() {
            return active.size() + standby.size();
        }
    }

    /**
     * @param members by id
     * @param tasks how many each subtopology has
     */
    public StickyTasks(SortedMap<String, Candidate> members, Map<String, Integer> tasks) {
        this.members = members;
        this.tasks = new TreeMap<>(tasks);
        members.forEach((id, member) -> shares.put(id, new Share(id, member.process())));
    }

    /**
     * Assigns.
     *
     * @param standbys how many replicas each stateful task is to have
     * @param stateful tells of a subtopology whether it keeps state
     */
    public Map<String, Tasks> assign(int standbys, Predicate<String> stateful) {
        keepActive();
        giveActive();
        for (int replica = 0; replica < standbys; replica++) {
            int number = replica;
            all().stream()
                    .filter(task -> stateful.test(task.subtopology()))
                    .forEach(task -> addStandby(task, number));
        }
        var assigned = new HashMap<String, Tasks>();
        shares.forEach(
                (id, share) -> assigned.put(id, new Tasks(set(share.active), set(share.standby))));
        return assigned;
    }

    private List<Task> all() {
        var all = new ArrayList<Task>();
        tasks.forEach((id, count) -> {
            for (int partition = 0; partition < count; partition++) {
                all.add(new Task(id, partition));
            }
        });
        return all;
    }

    private static TaskSet set(Set<Task> tasks) {
        var set = new TaskSet.Builder();
        tasks.forEach(task -> set.add(task.subtopology(), task.partition()));
        return set.build();
    }

    private void keepActive() {
        int total = tasks.values().stream().mapToInt(Integer::intValue).sum();
        int quota = total / shares.size();
        int larger = total % shares.size();
        for (Share share : shares.values()) {
            int most = larger > 0 ? quota + 1 : quota;
            current(share.id)
                    .active()
                    .forEach((id, partition) -> {
                        var task = new Task(id, partition);
                        boolean exists = partition < tasks.getOrDefault(id, 0);
                        if (exists && share.active.size() < most && !activeOn.containsKey(task)) {
                            take(share, task);
                        }
                    });
            larger -= share.active.size() > quota ? 1 : 0;
        }
    }

    private Tasks current(String id) {
        Candidate member = members.get(id);
        return member == null ? Tasks.NONE : member.current();
    }

    private void take(Share share, Task task) {
        share.active.add(task);
        activeOn.put(task, share.id);
    }

    private void giveActive() {
        int total = tasks.values().stream().mapToInt(Integer::intValue).sum();
        int most = Math.ceilDiv(total, shares.size());
        for (Task task : all()) {
            if (!activeOn.containsKey(task)) {
                Share warm =
                        shares.values().stream()
                                .filter(share -> share.active.size() < most)
                                .filter(share -> hasStandby(share, task))
                                .findFirst()
                                .orElseGet(() -> least(_ -> true));
                if (warm != null) {
                    take(warm, task);
                }
            }
        }
    }

    private boolean hasStandby(Share share, Task task) {
        return current(share.id).standby().contains(task.subtopology(), task.partition());
    }

    private @Nullable Share least(Predicate<Share> which) {
        Comparator<Share> order =
                Comparator.<Share>comparingInt(share -> share.active.size())
                        .thenComparingInt(Share::count);
        return shares.values().stream().filter(which).min(order).orElse(null);
    }

    private void addStandby(Task task, int number) {
        Set<String> taken = new HashSet<>();
        int present = 0;
        for (Share share : shares.values()) {
            if (share.standby.contains(task)) {
                present++;
                taken.add(share.process);
            } else if (share.active.contains(task)) {
                taken.add(share.process);
            }
        }
        if (present > number) {
            return;
        }
        Share chosen =
                shares.values().stream()
                        .filter(share -> !taken.contains(share.process))
                        .filter(share -> hasStandby(share, task))
                        .findFirst()
                        .orElseGet(() ->
                                shares.values().stream()
                                        .filter(share -> !taken.contains(share.process))
                                        .min(Comparator.comparingInt(Share::count))
                                        .orElse(null));
        if (chosen != null) {
            chosen.standby.add(task);
        }
    }
}
