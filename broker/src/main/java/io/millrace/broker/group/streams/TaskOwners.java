package io.millrace.broker.group.streams;

import io.millrace.broker.group.streams.StreamsMember.Position;
import io.millrace.broker.group.task.TaskSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which members have each task, or have not yet said that they gave it up. A task is processed by
 * one member, and a process keeps the state of a task once. Mutable.
 */
final class TaskOwners {
    private final Map<Task, Set<Owner>> owners = new HashMap<>();

    private record Task(String subtopology, int partition) {}

    private record Owner(String member, String process, boolean active) {}

    void claim(StreamsMember member) {
        each(
                member,
                (task, owner) -> owners.computeIfAbsent(task, key -> new HashSet<>()).add(owner));
    }

    void release(StreamsMember member) {
        each(
                member,
                (task, owner) -> {
                    Set<Owner> present = owners.get(task);
                    if (present != null) {
                        present.remove(owner);
                        if (present.isEmpty()) {
                            owners.remove(task);
                        }
                    }
                });
    }

    private interface Each {
        void accept(Task task, Owner owner);
    }

    private static void each(StreamsMember member, Each each) {
        Position position = member.position();
        each(member, position.held().active(), true, each);
        each(member, position.held().standby(), false, each);
        each(member, position.revoking().active(), true, each);
        each(member, position.revoking().standby(), false, each);
    }

    private static void each(StreamsMember member, TaskSet tasks, boolean active, Each each) {
        var owner = new Owner(member.id(), member.identity().processId(), active);
        tasks.forEach((id, partition) -> each.accept(new Task(id, partition), owner));
    }

    /** Whether a member may process a task: no other does, and its process has it nowhere else. */
    boolean mayProcess(StreamsMember member, String subtopology, int partition) {
        return of(subtopology, partition).stream()
                .allMatch(owner ->
                        isOwn(owner, member) || (!owner.active() && isElsewhere(owner, member)));
    }

    /** Whether a member may keep a task warm: its process has it nowhere else. */
    boolean mayKeepWarm(StreamsMember member, String subtopology, int partition) {
        return of(subtopology, partition).stream()
                .allMatch(owner -> isOwn(owner, member) || isElsewhere(owner, member));
    }

    private Set<Owner> of(String subtopology, int partition) {
        return owners.getOrDefault(new Task(subtopology, partition), Set.of());
    }

    private static boolean isOwn(Owner owner, StreamsMember member) {
        return owner.member().equals(member.id());
    }

    private static boolean isElsewhere(Owner owner, StreamsMember member) {
        return !owner.process().equals(member.identity().processId());
    }
}
