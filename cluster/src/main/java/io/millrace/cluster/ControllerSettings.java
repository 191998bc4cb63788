package io.millrace.cluster;

import io.millrace.cluster.controller.Policy;

/**
 * What a node goes by, as the active controller and when it asks it.
 *
 * @param nodeId this node
 * @param defaults in force where no topic says otherwise
 * @param sessionTimeoutMs after so long a silence a node is fenced
 * @param balanceIntervalMs so often preferred replicas are made to lead again; 0 or less: never
 * @param balancePercentage 0 to 100: a node may lack so many of the partitions that prefer it
 */
public record ControllerSettings(
        String clusterId,
        int nodeId,
        Policy defaults,
        long sessionTimeoutMs,
        long balanceIntervalMs,
        int balancePercentage) {}
