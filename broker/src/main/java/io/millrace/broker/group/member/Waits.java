package io.millrace.broker.group.member;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Until when members may be silent, and until when they must have done what was asked of them.
 * Knows a time before which nothing ends, so that nobody has to look earlier. Mutable.
 */
public final class Waits {
    private final Map<String, Long> sessions = new HashMap<>();
    private final Map<String, Long> duties = new HashMap<>();
    private long wakeMs = Long.MAX_VALUE;

    /**
     * What the waits of members begin with that are found in the log.
     *
     * @param sessionMs how long a member may be silent
     */
    public record Begin(long nowMs, int sessionMs) {}

    /** A member was heard of. */
    public void renew(String member, long untilMs) {
        sessions.put(member, untilMs);
        wakeBy(untilMs);
    }

    /** Something was asked of a member. What was asked before keeps its time. */
    public void ask(String member, long untilMs) {
        wakeBy(duties.computeIfAbsent(member, key -> untilMs));
    }

    /** A member has done what was asked of it. */
    public void done(String member) {
        duties.remove(member);
    }

    /** A member is gone. */
    public void forget(String member) {
        sessions.remove(member);
        duties.remove(member);
    }

    /** One member takes over the place of another. */
    public void rename(String from, String to) {
        @Nullable Long untilMs = sessions.remove(from);
        if (untilMs != null) {
            sessions.put(to, untilMs);
        }
        duties.remove(from);
    }

    /** Has somebody look at the group by then. */
    public void wakeBy(long atMs) {
        wakeMs = Math.min(wakeMs, atMs);
    }

    public long wakeMs() {
        return wakeMs;
    }

    /** Members whose time is over. */
    public Set<String> overdue(long nowMs) {
        var overdue = new HashSet<String>();
        sessions.forEach((member, untilMs) -> addIf(untilMs <= nowMs, member, overdue));
        duties.forEach((member, untilMs) -> addIf(untilMs <= nowMs, member, overdue));
        return overdue;
    }

    private static void addIf(boolean ended, String member, Set<String> overdue) {
        if (ended) {
            overdue.add(member);
        }
    }

    /** Looks up when the first wait ends, after those that have ended were dealt with. */
    public void findWake() {
        wakeMs = Long.MAX_VALUE;
        sessions.values().forEach(this::wakeBy);
        duties.values().forEach(this::wakeBy);
    }
}
