package io.millrace.broker.group.assign;

import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Shares the partitions of topics out among members. Stateless. */
public interface Assignor {
    /** What clients call it. */
    String name();

    /**
     * Gives every partition that somebody wants to members that want its topic.
     *
     * @param members by id
     * @param topics how many partitions each topic has; those that are not in it do not exist
     * @return what each of the members gets
     */
    Map<String, Partitions> assign(SortedMap<String, Candidate> members, Map<UUID, Integer> topics);

    /**
     * A member that can be given partitions.
     *
     * @param instanceId of a static member: what stays when its id changes
     * @param topics those that it subscribes to and that exist
     * @param current what it was given last
     */
    record Candidate(@Nullable String instanceId, Set<UUID> topics, Partitions current) {}
}
