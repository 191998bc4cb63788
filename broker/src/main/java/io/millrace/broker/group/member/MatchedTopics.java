package io.millrace.broker.group.member;

import io.millrace.broker.group.ClusterView;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The topics that the regular expressions of a group match. Found once, then kept up with topics
 * that come and go. Mutable; known from the members and the cluster, so it is not stored.
 */
public final class MatchedTopics {
    private final Map<String, Matches> byRegex = new HashMap<>();

    private record Matches(@Nullable TopicPattern pattern, TreeSet<String> names) {}

    /** The topics that an expression matches, sorted. */
    public Set<String> of(String regex, ClusterView cluster) {
        Matches matches =
                byRegex.computeIfAbsent(regex, key -> find(TopicPattern.of(key), cluster));
        return Collections.unmodifiableSet(matches.names());
    }

    private static Matches find(@Nullable TopicPattern pattern, ClusterView cluster) {
        var names = new TreeSet<String>();
        if (pattern != null) {
            cluster.topicNames().stream().filter(pattern::matches).forEach(names::add);
        }
        return new Matches(pattern, names);
    }

    /** Whether an expression matches a topic, or may, since it is not yet worked out. */
    public boolean mayMatch(String regex, String topic) {
        Matches matches = byRegex.get(regex);
        return matches == null || matches.names().contains(topic);
    }

    /** A topic came or went; tells whether that changes what is matched. */
    public boolean follow(String topic, boolean exists) {
        boolean changed = false;
        for (Matches matches : byRegex.values()) {
            TopicPattern pattern = matches.pattern();
            if (!exists) {
                changed |= matches.names().remove(topic);
            } else if (pattern != null && pattern.matches(topic)) {
                matches.names().add(topic);
                changed = true;
            }
        }
        return changed;
    }

    /** Forgets expressions that nobody uses any more. */
    public void keepOnly(Set<String> regexes) {
        byRegex.keySet().retainAll(regexes);
    }

    /** Forgets what was found, since the cluster has changed in unknown ways. */
    public void forgetAll() {
        byRegex.clear();
    }
}
