package io.millrace.broker.group.task;

/** Tasks by role: those that are processed, and those that are only kept warm. */
public record Tasks(TaskSet active, TaskSet standby) {
    public static final Tasks NONE = new Tasks(TaskSet.NONE, TaskSet.NONE);

    public boolean isEmpty() {
        return active.isEmpty() && standby.isEmpty();
    }

    public int size() {
        return active.size() + standby.size();
    }

    /** Whether it has a task in any role. */
    public boolean has(String subtopology, int partition) {
        return active.contains(subtopology, partition) || standby.contains(subtopology, partition);
    }

    public Tasks and(Tasks other) {
        return new Tasks(active.and(other.active), standby.and(other.standby));
    }

    public Tasks minus(Tasks other) {
        return new Tasks(active.minus(other.active), standby.minus(other.standby));
    }

    public Tasks plus(Tasks other) {
        return new Tasks(active.plus(other.active), standby.plus(other.standby));
    }

    /** In whatever role. */
    public TaskSet all() {
        return active.plus(standby);
    }
}
