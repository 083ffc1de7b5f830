"""What the interfaces of WeChat and WeCom have alike: calls over HTTP, the shared token, XML and JSON."""
