package io.millrace.broker.group;

/**
 * A line in the list of groups.
 *
 * @param protocolType what the members say that they are, as "consumer"
 */
public record GroupListing(String id, GroupType type, String protocolType, GroupState state) {}
