package io.millrace.broker.handler.share;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.common.Uuid;

/**
 * A share session: the partitions that a member goes on fetching without naming them again. Belongs
 * to the loop of the member's connection.
 */
final class ShareSession {
    /** Names a session. */
    record Key(String group, String member) {}

    /** A partition as the request names it. */
    record Target(Uuid topicId, int index) implements Comparable<Target> {
        /** An order lets a hash map find its way among keys that were made to collide. */
        @Override
        public int compareTo(Target other) {
            int byTopic = topicId.compareTo(other.topicId);
            return byTopic != 0 ? byTopic : Integer.compare(index, other.index);
        }
    }

    static final int INITIAL_EPOCH = 0;
    static final int FINAL_EPOCH = -1;

    private final Key key;
    private final LinkedHashSet<Target> targets = new LinkedHashSet<>();
    private int epoch = 1;
    private long connection;
    private long unanswered;

    ShareSession(Key key) {
        this.key = key;
    }

    Key key() {
        return key;
    }

    int epoch() {
        return epoch;
    }

    /** The number of the connection that its member was last heard on. */
    long connection() {
        return connection;
    }

    void heardOn(long number) {
        connection = number;
    }

    /** The member's share fetch under way, or the last that it got no answer to; 0 for none. */
    long unanswered() {
        return unanswered;
    }

    /** Names a share fetch of the member's, apart from all others of it, on whatever broker. */
    long begin() {
        unanswered = ThreadLocalRandom.current().nextLong() | 1;
        return unanswered;
    }

    /** From here on nobody can tell whether the member gets the answer. */
    void answered(long fetch) {
        if (unanswered == fetch) {
            unanswered = 0;
        }
    }

    void advance() {
        epoch = epoch == Integer.MAX_VALUE ? 1 : epoch + 1;
    }

    void update(Collection<Target> named, Collection<Target> forgotten) {
        targets.addAll(named);
        forgotten.forEach(targets::remove);
    }

    /** How many targets it would have with these. */
    int sizeWith(Collection<Target> named) {
        int size = targets.size();
        for (Target target : named) {
            size += targets.contains(target) ? 0 : 1;
        }
        return size;
    }

    int size() {
        return targets.size();
    }

    List<Target> targets() {
        return List.copyOf(targets);
    }

    /** The same, beginning with another one each time, so that none is starved. */
    List<Target> rotated() {
        var rotated = new ArrayList<>(targets);
        if (!rotated.isEmpty()) {
            java.util.Collections.rotate(rotated, -(epoch % rotated.size()));
        }
        return rotated;
    }
}
